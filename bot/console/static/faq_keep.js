// What is typed is kept on the server every few seconds and on leaving; and who else has the entry open is told.
import { post } from "./faq_post.js";

const EVERY = 4000; // ms between two keepings while somebody types
const HERE = 10000; // ms between two signs of life
const TYPES = 8000; // ms after a key in which somebody counts as typing
const LEAVING = 60000; // bytes that a browser sends after its page is gone

export function keeping(form) {
  const said = document.getElementById("kept");
  const others = document.getElementById("others");
  const page = form.getAttribute("action");
  let changed = form.dataset.unsaved === "1";
  let stale = false; // something was typed that is not kept yet
  let typed = 0; // when
  let busy = false;
  let gone = false;

  async function keep() {
    if (!stale || busy || gone) return;
    [stale, busy] = [false, true];
    try {
      const response = await post(form, `${page}/autosave`, {});
      const answer = await response.json().catch(() => ({}));
      if (!response.ok && response.status !== 413) throw new Error(response.status);
      say(answer.said ?? "");
    } catch {
      stale = true; // tried again with the next turn
      say(form.dataset.unkept);
    }
    busy = false;
  }
  const say = (text) => text === said.textContent || (said.textContent = text);

  // A form that offers what was typed before keeps nothing over it until somebody types.
  form.addEventListener("input", () => {
    [changed, stale, typed] = [true, true, Date.now()];
  });
  setInterval(keep, EVERY);
  form.addEventListener("submit", () => ([changed, gone] = [false, true]));
  addEventListener("pageshow", () => (gone = false));
  addEventListener("beforeunload", (event) => changed && event.preventDefault());
  addEventListener("pagehide", () => {
    if (gone) return;
    const size = new URLSearchParams(new FormData(form)).toString().length;
    if (stale && size < LEAVING) post(form, `${page}/autosave`, {}, "act", { keepalive: true }).catch(() => {});
    if (form.dataset.of) here("", { keepalive: true }).catch(() => {});
  });
  document.addEventListener("visibilitychange", () => document.hidden && keep());

  async function here(doing, options = {}) {
    const body = new URLSearchParams({ csrf: form.dataset.csrf, doing, based_on: form.elements.based_on.value });
    const response = await fetch(`${page}/here`, { method: "POST", body, headers: { "X-Stadtbote-Live": "look" }, ...options });
    if (!response.ok || !doing) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (fresh.body.textContent !== others.textContent) others.replaceChildren(...fresh.body.childNodes);
  }
  const alive = () => here(Date.now() - typed < TYPES ? "typing" : "looking").catch(() => {});
  if (form.dataset.of) {
    alive();
    setInterval(alive, HERE);
  }
}
