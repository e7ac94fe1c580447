"use strict";

// The tag to copy: selected when touched, and a button where the browser lets us write to the clipboard.
(() => {
  const tag = document.getElementById("tag");
  const copy = document.getElementById("copy");
  tag.addEventListener("focus", () => tag.select());
  if (!navigator.clipboard) return;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(tag.value);
    copy.textContent = copy.dataset.copied;
  });
})();
