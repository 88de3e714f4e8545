// What this station remembers between visits; a browser that keeps nothing is no reason to stop.

export function remember(name, value) {
  try { localStorage.setItem(`tracker.${name}`, value); } catch { /* private window: forgotten at the end */ }
}

export function recall(name) {
  try { return localStorage.getItem(`tracker.${name}`); } catch { return null; }
}
