/** Moves between the scenes of the page, which are its `section`s with an id. */

const SCENES = "section[id^='scene-']";

function show(scene: Element): void {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  scene.scrollIntoView({ behavior: calm ? "instant" : "smooth", block: "start" });
}

/** Bring a scene's beginning to the upper part of the window. */
export function scrollToScene(position: number): void {
  const scene = document.getElementById(`scene-${position}`);
  if (scene) show(scene);
}

/** Go to the next scene (1), or to the one before (-1), counted from what is on screen. */
export function scrollToNeighbor(step: 1 | -1): void {
  const scenes = [...document.querySelectorAll(SCENES)];
  // Where a scene comes to rest after `show`, with some tolerance.
  const rest = 96;
  const tops = scenes.map((scene) => scene.getBoundingClientRect().top);
  const index =
    step > 0
      ? tops.findIndex((top) => top > rest + 8)
      : tops.findLastIndex((top) => top < rest - 40);
  const scene = scenes[index];
  if (scene) show(scene);
}
