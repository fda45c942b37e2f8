// Runs before the first paint: without it a dark room would flash white.
try {
  const saved = JSON.parse(localStorage.getItem("rhapsode.preferences") ?? "{}");
  const theme = saved.state?.theme;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed or holds something else: the page follows the system.
}
