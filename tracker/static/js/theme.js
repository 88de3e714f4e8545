// Sets light or dark before the first paint: the remembered choice, else what the system prefers.
(function () {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function remembered() {
    try { return localStorage.getItem("tracker.theme"); } catch { return null; }
  }
  function apply() {
    document.documentElement.dataset.bsTheme = remembered() || (dark.matches ? "dark" : "light");
  }
  document.documentElement.classList.add("js");
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
})();
