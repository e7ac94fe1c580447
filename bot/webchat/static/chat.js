"use strict";

// Makes the chat page live. Without this file the page works by its plain forms.
(() => {
  const $ = (id) => document.getElementById(id);
  const [lines, composer, box, problem, note, state, typing, jump, left] = [
    "lines", "composer", "text", "problem", "note", "state", "typing", "jump", "left",
  ].map($);
  const words = JSON.parse($("words").textContent);
  const query = document.body.dataset.query;
  const at = (path, values = {}) => {
    const asked = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), ...values });
    return `${asked}` ? `${path}?${asked}` : path;
  };
  const embedded = query !== "" && window.parent !== window;
  const title = document.title;
  const PATIENCE = 10000; // longer, and "is writing" would be a guess
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let cursor = document.body.dataset.cursor;
  let status = document.body.dataset.status;
  document.documentElement.classList.add("scripted");
  history.scrollRestoration = "manual";

  // --- what is kept in this tab only: the text being typed, and what was sent without an answer yet ---------

  const kept = {
    get(name) {
      try {
        return sessionStorage.getItem(`stadtbote.${name}${query}`) ?? "";
      } catch {
        return ""; // storage is forbidden in this frame: the page works without
      }
    },
    set(name, value) {
      try {
        if (value) sessionStorage.setItem(`stadtbote.${name}${query}`, value);
        else sessionStorage.removeItem(`stadtbote.${name}${query}`);
      } catch {
        this.off = true;
      }
    },
  };

  // --- the box ----------------------------------------------------------------------------------------------

  const length = (text) => [...text].length;

  const fit = () => {
    if (!CSS.supports("field-sizing", "content")) {
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight + 2}px`;
    }
    const rest = words.limit - length(box.value.trim());
    left.textContent = rest > 400 ? "" : (rest < 0 ? words.over : words.left).replace("{n}", Math.abs(rest));
    left.classList.toggle("over", rest < 0);
  };

  const say = (element, text) => {
    element.textContent = text;
    element.hidden = !text;
  };

  const complain = (text) => {
    say(problem, text);
    box.toggleAttribute("aria-invalid", Boolean(text));
  };

  const fill = (text) => {
    box.value = text;
    kept.set("draft", text);
    fit();
  };

  box.addEventListener("input", () => {
    kept.set("draft", box.value);
    complain("");
    fit();
  });

  box.addEventListener("keydown", (event) => {
    // 229: a key that an input method still works on
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      composer.requestSubmit();
    }
  });

  // --- lines ------------------------------------------------------------------------------------------------

  const line = (id) => document.getElementById(`l-${id}`);

  let following = true; // the end of the conversation, until somebody scrolls up to read
  let moving = 0; // until then the scrolling is ours

  const isAtEnd = () => {
    const page = document.scrollingElement;
    return page.scrollHeight - page.scrollTop - page.clientHeight < 120;
  };

  const scroll = (top, instant = calm.matches) => {
    following = true;
    moving = performance.now() + 800;
    window.scrollTo({ top, behavior: instant ? "instant" : "smooth" });
  };

  const toEnd = (instant) => {
    jump.hidden = true;
    scroll(document.scrollingElement.scrollHeight, instant);
  };

  // Follow the conversation, but never past the beginning of what is new.
  const follow = (first) => {
    if (!following) {
      jump.hidden = false;
      return;
    }
    const above = $("top").offsetHeight + 16;
    const start = first.getBoundingClientRect().top;
    const room = window.innerHeight - composer.offsetHeight - above;
    if (lines.getBoundingClientRect().bottom - start > room) scroll(window.scrollY + start - above);
    else toEnd();
  };

  const lock = (before) => {
    for (const button of lines.querySelectorAll(".choices button")) {
      if (!before || button.closest(".line").compareDocumentPosition(before) & Node.DOCUMENT_POSITION_FOLLOWING) {
        button.disabled = true;
      }
    }
  };

  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html; // made by the server, every word escaped
    return template.content.firstElementChild;
  };

  // Put a line in its place; a line that is there already is not said again.
  const place = (fresh) => {
    const old = document.getElementById(fresh.id);
    if (old) {
      if (old.classList.contains("pending") && fresh.querySelector(".files")) {
        old.replaceWith(fresh); // what was pending had a name and no file
      } else if (old.classList.contains("pending")) {
        old.classList.remove("pending");
        old.dataset.place = fresh.dataset.place;
        old.querySelector(".fate").replaceWith(fresh.querySelector("time"));
        if ("pressed" in fresh.dataset) lock(old);
      }
      return null;
    }
    const mine = Number(fresh.dataset.place);
    const next = [...lines.children].find((other) => !other.dataset.place || Number(other.dataset.place) > mine);
    lines.insertBefore(fresh, next ?? null);
    if (fresh.dataset.by !== "citizen" || "pressed" in fresh.dataset) lock(fresh);
    return fresh;
  };

  const show = (fragments, reset) => {
    const fresh = fragments.map(parse);
    const ids = fresh.map((one) => one.id).join();
    if (reset && ids === [...lines.children].map((one) => one.id).join()) return;
    if (reset) lines.replaceChildren();
    const added = fresh.map(place).filter(Boolean);
    $("welcome").hidden = lines.children.length > 0;
    const said = added.filter((one) => one.dataset.by !== "citizen");
    if (said.length > 0) {
      waitNoMore();
      tell(said.length);
    }
    if (added.length > 0) follow(said[0] ?? added[0]);
  };

  const stand = (news) => {
    status = news.status;
    say(state, news.text);
    // The citizen chose another language, or went over to it: the page's own words follow, what is typed stays.
    if (news.language !== document.documentElement.lang && news.language !== kept.get("turned")) {
      kept.set("turned", news.language); // once: a page that stays as it is must not load for ever
      source?.close();
      location.reload();
    }
    const isOpen = status === "waiting" || status === "assigned";
    if (isOpen) waitNoMore();
    if ($("attach")) $("attach").hidden = !isOpen;
  };

  const announce = (html) => {
    const made = document.createElement("template");
    made.innerHTML = html; // made by the server, every word escaped
    if (made.innerHTML.trim() === $("notices").innerHTML.trim()) return; // what is there is not read out again
    $("notices").replaceChildren(made.content);
    $("notices").hidden = !html;
  };

  // --- a reply is on its way --------------------------------------------------------------------------------

  let patience = 0;

  const waitNoMore = () => {
    clearTimeout(patience);
    patience = 0;
    typing.hidden = true;
    say(note, "");
  };

  const wait = () => {
    waitNoMore();
    if (status === "waiting" || status === "assigned") return; // people answer when they can
    typing.hidden = false;
    patience = setTimeout(() => {
      typing.hidden = true;
      say(note, words.slow);
    }, PATIENCE);
  };

  // --- sending ----------------------------------------------------------------------------------------------

  const newId = () =>
    btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18)))).replaceAll("+", "-").replaceAll("/", "_");

  const pending = (id, text) => {
    const item = $("pending").content.firstElementChild.cloneNode(true);
    item.id = `l-${id}`;
    item.querySelector(".said p").textContent = text;
    lines.append(item);
    $("welcome").hidden = true;
    return item;
  };

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // The same id each time: a message whose answer was lost on the way is still one message.
  const post = async (fields) => {
    for (const delay of [1000, 3000, 0]) {
      try {
        const response = await fetch(at("/chat/send"), {
          method: "POST",
          headers: { Accept: "application/json" },
          body: new URLSearchParams(fields),
        });
        const answer = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : {};
        if (response.ok) return "";
        if (answer.key !== "cookie" || delay === 0) return answer.error ?? words.away;
      } catch {
        if (delay === 0) return words.offline;
      }
      await pause(delay);
    }
    return words.offline;
  };

  const send = async (fields, shown) => {
    const item = pending(fields.id, shown);
    toEnd();
    complain("");
    wait();
    const wrong = await post(fields);
    const isStillPending = item.isConnected && item.classList.contains("pending");
    if (wrong && isStillPending) {
      item.remove();
      waitNoMore();
      $("welcome").hidden = lines.children.length > 0;
      complain(wrong);
    } else if (isStillPending) item.querySelector(".fate").textContent = words.arrived;
    connect();
    return !wrong;
  };

  let again = { id: "", text: "" }; // a text that failed keeps its id, in case it had arrived

  composer.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value.trim();
    const count = length(text);
    if (!text || count > words.limit) {
      const long = words.long.replace("{n}", count.toLocaleString(document.documentElement.lang));
      complain(text ? long.replace("{limit}", words.limit.toLocaleString(document.documentElement.lang)) : words.empty);
      box.focus();
      return;
    }
    const id = again.text === text ? again.id : newId();
    again = { id: "", text: "" };
    kept.set("sent", JSON.stringify({ id, text }));
    fill("");
    const taken = await send({ id, text }, text);
    kept.set("sent", "");
    if (taken) return;
    again = { id, text };
    fill(box.value ? `${text}\n${box.value}` : text);
  });

  // --- files ------------------------------------------------------------------------------------------------

  // fetch() tells no progress of what it sends, so this is an XMLHttpRequest.
  const carry = (data, told) =>
    new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", at("/chat/file"));
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => event.lengthComputable && told(event.loaded / event.total));
      request.addEventListener("loadend", () => {
        if (request.status >= 200 && request.status < 300) return done("");
        const isJson = request.getResponseHeader("Content-Type")?.startsWith("application/json");
        done((isJson && JSON.parse(request.responseText).error) || (request.status ? words.away : words.offline));
      });
      request.send(data);
    });

  $("upload")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const [input, bar, button] = [$("file"), $("file-progress"), $("file-send")];
    const file = input.files[0];
    if (!file || button.disabled) return;
    complain("");
    if (file.size > Number(input.dataset.largest)) {
      complain(input.dataset.tooLarge);
      return;
    }
    const data = new FormData();
    const id = newId();
    data.append("id", id);
    data.append("file", file);
    const item = pending(id, file.name);
    toEnd();
    button.disabled = true;
    bar.hidden = false;
    const wrong = await carry(data, (share) => (bar.value = share));
    bar.hidden = true;
    button.disabled = false;
    const isStillPending = item.isConnected && item.classList.contains("pending");
    if (wrong && isStillPending) {
      item.remove();
      complain(wrong);
      input.focus();
    } else {
      if (isStillPending) item.querySelector(".fate").textContent = words.arrived;
      input.value = "";
    }
    connect();
  });

  // Buttons of choices, examples and menu: forms too, but the page stays.
  document.addEventListener("submit", async (event) => {
    if (event.target === composer || event.target.id === "upload" || event.target.getAttribute("method") !== "post") return;
    event.preventDefault();
    const button = event.submitter;
    if (!button?.name || button.disabled) return;
    $("menu").open = false;
    const form = button.closest(".choices");
    const isChoice = button.name === "choice";
    if (isChoice) for (const one of form.querySelectorAll("button")) one.disabled = true;
    const id = newId();
    const sent = send({ id, [button.name]: button.value }, button.textContent.trim());
    line(id)?.focus({ preventScroll: true }); // the pressed button is gone or disabled
    const taken = await sent;
    if (!taken && isChoice) for (const one of form.querySelectorAll("button")) one.disabled = false;
    if (!taken) button.focus();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("#menu")) $("menu").open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if ($("menu").open) {
      $("menu").open = false;
      $("menu").querySelector("summary").focus();
    } else if (embedded) window.parent.postMessage({ stadtbote: "close" }, "*");
  });

  jump.addEventListener("click", () => {
    toEnd();
    box.focus({ preventScroll: true });
  });
  window.addEventListener("scroll", () => {
    if (performance.now() < moving) return;
    following = isAtEnd();
    if (following) jump.hidden = true;
  }, { passive: true });

  // --- news -------------------------------------------------------------------------------------------------

  const SILENCE = 40000; // the server says something every 15 s
  const POLL = 3000;
  let source = null;
  let poller = 0;
  let heard = Date.now();
  let failures = 0;

  const hear = (event) => {
    heard = Date.now();
    if (event?.type === "reset" || event?.lastEventId) cursor = event.lastEventId;
  };

  const connect = () => {
    if (source || poller) return;
    source = new EventSource(at("/chat/events", { after: cursor }));
    source.addEventListener("line", (event) => (hear(event), show([event.data], false)));
    source.addEventListener("reset", (event) => (hear(event), show(JSON.parse(event.data), true)));
    source.addEventListener("state", (event) => (hear(), stand(JSON.parse(event.data))));
    source.addEventListener("notices", (event) => (hear(), announce(JSON.parse(event.data))));
    source.addEventListener("beat", () => hear());
    source.addEventListener("open", () => hear());
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      source = null;
      poller = setTimeout(poll, POLL);
    });
  };

  const poll = async () => {
    try {
      const response = await fetch(at("/chat/lines", { after: cursor }));
      if (!response.ok) throw new Error(response.status);
      const news = await response.json();
      failures = 0;
      cursor = news.cursor;
      show(news.lines, news.reset);
      stand(news.state);
      announce(news.notices);
    } catch {
      failures = Math.min(failures + 1, 4);
    }
    poller = setTimeout(poll, POLL * 2 ** failures);
  };

  const wake = () => {
    unseen(0);
    if (source && Date.now() - heard > SILENCE) {
      source.close(); // asleep with the machine: a dead connection does not always say so
      source = null;
      connect();
    }
  };

  document.addEventListener("visibilitychange", () => document.hidden || wake());
  window.addEventListener("online", wake);
  window.addEventListener("pageshow", (event) => event.persisted && wake());

  // --- the widget around us, and news while nobody looks ----------------------------------------------------

  let isOpen = true;
  let missed = 0;

  const unseen = (count) => {
    missed = count;
    document.title = count ? words.new_title.replace("{n}", count).replace("{title}", title) : title;
    if (embedded) window.parent.postMessage({ stadtbote: "unread", count }, "*");
  };

  const tell = (count) => {
    if (document.hidden || !isOpen) unseen(missed + count);
  };

  window.addEventListener("message", (event) => {
    if (!embedded || event.source !== window.parent) return;
    if (event.data?.stadtbote === "open") {
      isOpen = true;
      unseen(0);
      box.focus();
    } else if (event.data?.stadtbote === "shut") isOpen = false;
  });

  // --- the beginning ----------------------------------------------------------------------------------------

  const sent = kept.get("sent");
  if (sent) {
    const { id, text } = JSON.parse(sent);
    if (!line(id) && !box.value) {
      fill(text);
      again = { id, text };
    }
    kept.set("sent", "");
  }
  if (!box.value.trim()) fill(kept.get("draft"));
  else fit();
  if (!problem.hidden) box.focus();
  connect();
  if (lines.children.length > 0) toEnd(true);
})();
