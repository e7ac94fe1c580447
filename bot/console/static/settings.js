// A form of the settings that was changed is not left by mistake.
const form = document.querySelector("form.settings");
let changed = form?.dataset.unsaved === "1";

form?.addEventListener("input", () => (changed = true));
document.addEventListener("submit", () => (changed = false));
addEventListener("beforeunload", (event) => changed && event.preventDefault());
