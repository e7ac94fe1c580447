// Which rows of the list are shown: the address holds the filters, and each letter of a search is looked for at once.
const part = (id) => document.getElementById(id);

// The list's filters, which go along wherever one goes.
export function filtered(path) {
  const kept = new URLSearchParams(location.search);
  for (const name of ["did", "insert", "again"]) kept.delete(name);
  const query = kept.toString();
  return path.split("?")[0] + (query ? `?${query}` : "");
}

export function visible() {
  return [...document.querySelectorAll("a.item")].filter((item) => item.offsetParent);
}

export function filter() {
  const wanted = part("q").value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  for (const item of document.querySelectorAll(".item")) {
    const text = item.textContent.toLocaleLowerCase();
    item.closest("li").hidden = !wanted.every((word) => text.includes(word));
  }
  for (const group of document.querySelectorAll(".group")) {
    group.hidden = wanted.length > 0 && !group.querySelector("li:not([hidden])");
  }
}

// The fields say what the address says, also after going back; what somebody is at is left alone.
export function address() {
  const kept = new URLSearchParams(location.search);
  for (const field of document.querySelectorAll(".filter [name]")) {
    if (field !== document.activeElement) field.value = kept.get(field.name) ?? "";
  }
}

// `look` and `list` fetch the list, at once and soon. Returns what sets the filters of a link's query.
export function narrowing(look, list) {
  function narrow(query, step = true) {
    const url = location.pathname + query;
    if (step) history.pushState({}, "", url);
    else history.replaceState({}, "", url); // each letter is no step to go back to
    address();
    return step ? look("act") : list();
  }

  document.addEventListener("input", (event) => {
    if (!event.target.closest(".filter")) return;
    const kept = new URLSearchParams(location.search);
    const { name, value } = event.target;
    if (value) kept.set(name, value);
    else kept.delete(name);
    const query = kept.toString();
    narrow(query ? `?${query}` : "", name !== "q");
    if (name === "q") filter();
  });
  return narrow;
}
