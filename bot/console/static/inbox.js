// The inbox, live. Everything here also works as plain forms and links.
import "./base.js";
import { offer } from "./canned.js";
import * as drafts from "./drafts.js";
import { address, filter, filtered, narrowing, visible } from "./filter.js";
import { chosen, goOn, put } from "./focus.js";
import { keepPlace, notePlace, toLatest } from "./place.js";
import { listen } from "./keys.js";
import { morph } from "./morph.js";
import { arrivals, recall } from "./once.js";
import { paced } from "./pace.js";
import { attend } from "./people.js";
import { announce, announceLines, complain, lines, toast, trouble, words } from "./said.js";
import { fragments, post, SignedOut } from "./server.js";
import { follow } from "./stream.js";
import { sending } from "./verbs.js";
import { countDown } from "./window.js";

const PARTS = ["list", "conversation", "side"];
const TALK = 100; // ms between two looks at the open conversation
const LIST = 200; // ms between two looks at the list
const LATER = 3000; // ms until the list says what is said in conversations that others have in hand
const AGAIN = 3000; // ms after which something that went wrong is tried again
const TIMES = 30_000; // ms after which "4 min" is old
const AWAY = 15 * 60_000; // ms without a key or a click after which a clerk counts as gone
const main = document.getElementById("main");
const part = (id) => document.getElementById(id);
const place = () => location.pathname + location.search;
const openId = () => part("conversation").dataset.id || "";
let lastUse = Date.now();

// --- showing ------------------------------------------------------------------------------------------------

function show(fresh, parts = PARTS) {
  const before = openId();
  const told = lines();
  const { mine } = part("conversation").dataset;
  const waited = Number(part("list").dataset.waiting);
  const owed = Number(part("list").dataset.news);
  const focused = document.activeElement;
  notePlace();
  for (const id of parts) {
    const wanted = fresh.getElementById(id);
    if (!wanted) continue;
    if (id === "list" && fresh.had && fresh.had !== part(id).dataset.have) {
      list(); // what was to stay as it is has changed meanwhile
      continue;
    }
    const other = id !== "list" && wanted.dataset.id !== part(id).dataset.id;
    if (id === "side" ? fresh.getElementById("conversation").dataset.id !== before : other) {
      part(id).replaceWith(document.importNode(wanted, true)); // another conversation: nothing of the old one stays
    } else if (!morph(part(id), wanted)) {
      delete part(id).dataset.have;
      list();
    }
  }
  notices(fresh);
  const now = openId();
  document.body.classList.toggle("has-open", Boolean(now));
  for (const item of document.querySelectorAll(".item")) {
    if (item.dataset.id === now) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
  }
  for (const area of document.querySelectorAll("textarea[data-draft]:not([data-attached])")) {
    area.dataset.attached = "1";
    drafts.attach(area);
    recall(area);
  }
  arrivals((form) => {
    if (form.dataset.busy) return; // its answer comes yet
    complain(form.dataset.verb, "");
    announce(words.sent);
  });
  address();
  filter();
  if (now === before && mine === "0" && part("conversation").dataset.mine === "1") complain("", ""); // it was passed to us
  if (now === before) keepPlace();
  else toLatest();
  const said = now === before && announceLines(told);
  const waiting = Number(part("list").dataset.waiting);
  const news = Number(part("list").dataset.news);
  if (waiting > waited) announce(words.newWaiting);
  if (news > owed && !said) announce(words.newMine);
  if (document.activeElement === document.body) refocus(focused);
  document.title = (news ? "● " : "") + (waiting ? `(${waiting}) ` : "") + main.dataset.title;
}

// What had the focus is gone: whoever works by keyboard goes on at the same row, else at the conversation.
function refocus(focused) {
  if (!focused || focused === document.body) return;
  const row = focused.closest(".item")?.dataset.id;
  const now = focused.isConnected ? focused : row && document.querySelector(`.item[data-id="${row}"]`);
  put(now || part("h-talk"));
}

// What everybody is to read reaches who has had the page open since the morning, too.
function notices(fresh) {
  const wanted = fresh.getElementById("notices");
  const shown = part("notices");
  if (fresh === document || !wanted || wanted.isEqualNode(shown)) return;
  morph(shown, wanted);
  if (!shown.hidden) announce(shown.textContent.trim());
}

// --- fetching -----------------------------------------------------------------------------------------------

// What was asked for later is newer: an older answer never replaces it. And what a person opens is never swept away
// by a refresh of what was open before.
let asked = 0;
const shown = { list: 0, talk: 0 };
let opening = 0;
let opens = 0;

// `what`: "list", "talk", or "" for both.
async function look(how = "look", what = "") {
  const mine = ++asked;
  const at = place();
  try {
    const fresh = await fragments(at, how, what, what === "talk" ? "" : part("list").dataset.have);
    toast("");
    if (opening || at !== place()) return again(what); // what was opened may have been fetched earlier
    const parts = [];
    if (what !== "talk" && mine > shown.list) parts.push("list");
    if (what !== "list" && mine > shown.talk) parts.push("conversation", "side");
    if (parts.includes("list")) shown.list = mine;
    if (parts.includes("side")) shown.talk = mine;
    show(fresh, parts);
  } catch (error) {
    if (error.message === "404") return open(filtered("/console/inbox")); // it went to another team while we looked at it
    trouble(error);
    if (!(error instanceof SignedOut)) again(what, AGAIN);
  }
}

function again(what, within = 0) {
  if (what !== "talk") list(within);
  if (what !== "list") talk(within);
}

const list = paced(LIST, () => look("look", "list"));
const talk = paced(TALK, async () => openId() && look("look", "talk"));

async function open(url, push = true) {
  const mine = ++opens;
  opening++;
  try {
    const fresh = await fragments(url, "act", "", part("list").dataset.have);
    if (mine !== opens) return; // somebody was quicker with the next
    shown.list = shown.talk = asked;
    show(fresh);
    if (push && url !== place()) history.pushState({}, "", url);
    toast("");
  } catch (error) {
    if (error.message === "404") location.assign(url);
    else trouble(error);
  } finally {
    opening--;
  }
}

const people = attend(openId, main.dataset.csrf);
follow(main.dataset.live, {
  look: () => again("", some(LIST)),
  change: ({ data }) => heard(data, some(LIST / 2)),
  words: ({ data }) => heard(data, ours(data) ? 0 : some(LATER)),
  people: (event) => people.heard(event.data),
  beat: () => toast(""),
  over: () => toast(words.over),
  lost: () => {
    toast(words.offline);
    again(""); // a line that is refused may mean that the session is over: looking tells
  },
});

function heard(id, within) {
  if (id === openId()) talk();
  list(within);
}

// All consoles hear it at the same moment: they need not all ask at the same moment.
function some(ms) {
  return ms * (0.5 + Math.random());
}

function ours(id) {
  return part("list").dataset.mine.split(" ").includes(id);
}

setInterval(() => again(""), TIMES);
document.addEventListener("visibilitychange", () => document.hidden || again(""));
addEventListener("popstate", () => open(place(), false));

// --- signs of life ------------------------------------------------------------------------------------------

for (const name of ["keydown", "pointerdown", "wheel"]) {
  addEventListener(name, () => (lastUse = Date.now()), { passive: true });
}

// Who is here holds all that is theirs, not only what they look at.
async function alive() {
  if (Date.now() - lastUse < AWAY) {
    try {
      for (const id of part("list").dataset.mine.split(" ").filter(Boolean)) {
        const said = await post(`/console/inbox/${id}/seen`, { csrf: main.dataset.csrf }, "look");
        if (!said.ok) again("");
      }
    } catch (error) {
      trouble(error);
    }
  }
  setTimeout(alive, Math.max(5, Number(main.dataset.lease) / 3) * 1000);
}
setTimeout(alive, 5000);

// --- what is pressed ----------------------------------------------------------------------------------------

sending({ look, open, again });
const narrow = narrowing(look, list);

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const item = event.target.closest("a.item, .back a");
  if (item && main.contains(item)) {
    event.preventDefault();
    const before = chosen();
    open(filtered(item.getAttribute("href"))).then(() => goOn(part("h-talk"), before));
    return;
  }
  const other = event.target.closest(".whose a, .clear");
  if (other) {
    event.preventDefault();
    const query = other.getAttribute("href").split("?")[1];
    narrow(query ? `?${query}` : "");
    return;
  }
  const source = event.target.closest("[data-insert]");
  if (source) {
    event.preventDefault();
    insert(source.dataset.insert);
  }
});

function insert(text) {
  const area = part("reply");
  if (!area) return;
  const [from, to] = [area.selectionStart, area.selectionEnd];
  area.setRangeText(text, from, to, "end");
  drafts.keep(area);
  area.focus();
}

// Who is here may have changed since: whoever passes on chooses among those who are.
document.addEventListener("toggle", (event) => event.target.id === "pass-on" && event.target.open && look(), true);

offer(words, announce);
countDown(talk);
listen({ visible, open: (url) => open(filtered(url)), busy: () => opening > 0 });
show(document, []);
toLatest();
