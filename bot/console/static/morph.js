// Makes an element equal to a fresh one from the server while keeping what a person is doing in it: focus, typed
// text, opened details, scroll position. A fresh one that says data-same means the old one, as it stands.
let lost = false;

// False: something was to stay that is not there, so the whole must be fetched.
export function morph(old, fresh) {
  lost = false;
  equal(old, fresh);
  return !lost;
}

function equal(old, fresh) {
  if (isSame(fresh) || old.dataset?.kept || old.isEqualNode(fresh)) return;
  attributes(old, fresh);
  if (old.tagName === "TEXTAREA") return;
  const chosen = old.tagName === "SELECT" ? old.value : null;
  children(old, fresh);
  if (chosen !== null) choose(old, chosen);
}

// Options come and go; what was chosen stays, and what is no longer there leaves nothing chosen.
function choose(select, value) {
  select.selectedIndex = [...select.options].findIndex((option) => option.value === value && !option.disabled);
}

function attributes(old, fresh) {
  const left = old.tagName === "DETAILS" ? ["open"] : [];
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !left.includes(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !left.includes(name)) old.setAttribute(name, value);
  }
}

function children(old, fresh) {
  const stay = new Set([...fresh.children].map(keyOf));
  const known = new Map();
  for (const child of [...old.children]) {
    const key = keyOf(child);
    if (!key) continue;
    if (stay.has(key)) known.set(key, child);
    else child.remove(); // first of all, so that nothing that stays must move: what is moved loses its focus
  }
  let at = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    const match = key ? known.get(key) : alike(at, wanted) ? at : null;
    if (!match) {
      if (isSame(wanted)) lost = true;
      else old.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    while (at && at !== match && at.nodeType === Node.TEXT_NODE && match.nodeType !== Node.TEXT_NODE) at = dropped(at);
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    if (match.nodeType === Node.ELEMENT_NODE) equal(match, wanted);
    else if (match.data !== wanted.data) match.data = wanted.data;
  }
  while (at) at = dropped(at);
}

// The node is taken away; returns the one behind it.
function dropped(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function isSame(node) {
  return node.dataset?.same !== undefined;
}

function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  return node.id || node.dataset.line || node.dataset.verb || "";
}

function alike(old, fresh) {
  return old !== null && !keyOf(old) && old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName;
}
