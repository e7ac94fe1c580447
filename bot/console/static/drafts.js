// What a clerk has typed and not sent, kept in this browser: a reload or an expired session must not cost it.
const PREFIX = "stadtbote-draft:";
const HOURS = 12; // as long as a session lives

export function attach(area) {
  const key = PREFIX + area.dataset.draft;
  const kept = read(key);
  if (kept && !area.value) area.value = kept.text;
  area.addEventListener("input", () => keep(area));
}

export function keep(area) {
  const key = PREFIX + area.dataset.draft;
  if (area.value.trim()) localStorage.setItem(key, JSON.stringify({ ...read(key), text: area.value, at: Date.now() }));
  else localStorage.removeItem(key);
}

// It was sent under this name, and nobody knows whether it arrived (once.js).
export function doubt(area, once) {
  const kept = { text: area.value, at: Date.now(), once, sent: area.value };
  localStorage.setItem(PREFIX + area.dataset.draft, JSON.stringify(kept));
}

export function doubted(area) {
  const kept = read(PREFIX + area.dataset.draft);
  return kept?.once ? kept : null;
}

// That was sent; what was typed on since stays.
export function spend(area, sent) {
  if (area.value.startsWith(sent)) area.value = area.value.slice(sent.length).trimStart();
  localStorage.removeItem(PREFIX + area.dataset.draft);
  keep(area);
}

export function forgetAll() {
  for (const key of keys()) localStorage.removeItem(key);
}

export function forgetOld() {
  for (const key of keys()) {
    const kept = read(key);
    if (!kept || Date.now() - kept.at > HOURS * 3600 * 1000) localStorage.removeItem(key);
  }
}

function keys() {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null; // not ours, or cut short: as good as none
  }
}
