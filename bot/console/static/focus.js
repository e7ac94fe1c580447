// Where the focus goes by itself, and where a person puts it: what they chose meanwhile is not taken from them.
let ours = false;
let moves = 0;
document.addEventListener("focusin", () => (moves += ours ? 0 : 1));

// How often somebody has put it somewhere.
export const chosen = () => moves;

export function put(element) {
  ours = true;
  element?.focus({ preventScroll: true });
  ours = false;
}

// There, unless somebody has put it elsewhere since `before`: letters outside of fields are verbs, and inside are words.
export function goOn(element, before) {
  if (moves === before) put(element);
}
