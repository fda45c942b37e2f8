// Runs before the page's own scripts: keeps the media elements that never come into the document.
(() => {
  const Original = window.Audio;
  window.__media = [];
  window.Audio = class extends Original {
    constructor(...source) {
      super(...source);
      window.__media.push(this);
    }
  };
})();
