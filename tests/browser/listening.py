"""Hears what a page should never do: run what somebody typed, ask for it, fetch from elsewhere, or try to."""

from playwright.async_api import BrowserContext, Page

_TELLS = "addEventListener('securitypolicyviolation', (e) => pwn(`policy: ${e.violatedDirective} ${e.blockedURI}`));"
_STRANGE = r"""() => [...document.querySelectorAll("*")].flatMap((one) => {
  const tag = one.tagName;
  const wrong = [...one.attributes].map(({ name }) => name).filter((name) => /^on|^style$|[^a-z0-9-]/i.test(name));
  if (/^(IFRAME|OBJECT|EMBED|BASE|STYLE|MATH|MARQUEE|PORTAL)$/i.test(tag)) wrong.push("tag");
  const runs = tag === "SCRIPT" && one.type !== "application/json";
  if ((runs || tag === "IMG") && !one.src.startsWith(location.origin + "/")) wrong.push("src");
  const action = one.getAttribute("action") ?? "/";
  if (!/^\/(?!\/)/.test(action)) wrong.push("action");
  if (tag === "META" && one.httpEquiv) wrong.push("meta");
  const leads = one.closest("head") ? "" : (one.href?.baseVal ?? one.href); // an empty icon is a data: of ours
  if (leads && !/^(https?|mailto|tel):/.test(leads)) wrong.push("href");
  return wrong.map((what) => `${one.tagName} ${what}`);
})"""


class Ears:
    """On a browser's pages, from before their first byte; `heard` is what they did that they should not."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @classmethod
    async def on(cls, context: BrowserContext, base: str) -> "Ears":
        """All pages of the context from now on; `base`: the one origin that they may ask."""
        ears = cls()
        await context.expose_function("pwn", lambda what="": ears.heard.append(f"ran: {what}"))
        await context.add_init_script(_TELLS)

        def listen(page: Page) -> None:
            page.on("dialog", lambda dialog: ears.heard.append(f"dialog: {dialog.message}"))
            page.on("pageerror", lambda error: ears.heard.append(f"error: {error}"))
            page.on("popup", lambda popup: ears.heard.append(f"popup: {popup.url}"))
            page.on("console", lambda said: ears.heard.append(said.text) if "Security" in said.text else None)

        def asked(url: str) -> None:
            if not url.startswith((base + "/", "data:image/svg+xml")):
                ears.heard.append(f"asked: {url}")

        context.on("page", listen)
        context.on("request", lambda request: asked(request.url))
        return ears

    async def quiet(self, page: Page) -> None:
        """Nothing was heard so far, and nothing stands in the page that could run later."""
        assert not self.heard, page.url
        strange = await page.evaluate(_STRANGE)
        assert not strange, (page.url, strange)
