// Texts with entities as elements. Offsets count UTF-16 units, which is what strings are made of here.

import { el } from "./dom.js";
import { T } from "./i18n.js";
import { notice } from "./overlays.js";

const BLOCKS = ["pre", "blockquote", "expandable_blockquote"];
const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };

/** An element with the text. `onCommand` is called with `/command` when one is clicked. */
export function formatted(text, entities = [], onCommand = () => {}) {
  const root = el("div", { class: "text" });
  const sorted = [...entities].filter((e) => e.length > 0).sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(root, text, 0, text.length, sorted, onCommand);
  return root;
}

function fill(parent, text, from, to, entities, onCommand) {
  let at = from;
  for (let i = 0; i < entities.length; ) {
    const entity = entities[i];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    let next = i + 1;
    while (next < entities.length && entities[next].offset < end) next += 1;
    if (end > start) {
      parent.append(text.slice(at, start));
      const block = BLOCKS.includes(entity.type);
      const node = wrap(entity, text.slice(start, end), onCommand);
      parent.append(node.outer);
      if (node.inner) fill(node.inner, text, start, end, entities.slice(i + 1, next), onCommand);
      // A block ends its line by itself.
      at = block && text[end] === "\n" && end < to ? end + 1 : end;
    }
    i = next;
  }
  parent.append(text.slice(at, to));
}

/** `inner` is where the text goes; without it the element is complete. */
function wrap(entity, text, onCommand) {
  const both = (node) => ({ outer: node, inner: node });
  switch (entity.type) {
    case "bold": case "italic": case "underline": case "strikethrough":
      return both(el(TAGS[entity.type]));
    case "code":
      return { outer: el("code", {}, text) };
    case "pre": {
      const copy = () => navigator.clipboard?.writeText(text).then(() => notice(T.copied));
      const lang = entity.language ? el("span", { class: "lang" }, entity.language) : null;
      return { outer: el("div", { class: "pre", on: { dblclick: copy } }, lang, el("pre", {}, text.replace(/\n$/, ""))) };
    }
    case "blockquote":
      return both(el("blockquote"));
    case "expandable_blockquote": {
      const quote = el("blockquote", { class: "folded", on: { click: () => quote.classList.remove("folded") } });
      return both(quote);
    }
    case "spoiler": {
      const hidden = el("span", { class: "spoiler", tabindex: "0", role: "button", on: { click: () => hidden.classList.add("shown") } });
      return both(hidden);
    }
    case "text_link":
      return link(entity.url);
    case "url":
      return link(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
    case "email":
      return link(`mailto:${text}`);
    case "phone_number":
      return link(`tel:${text}`);
    case "bot_command":
      return { outer: el("button", { class: "command", type: "button", on: { click: () => onCommand(text) } }, text) };
    default:
      return both(el("span"));
  }
}

/** A link, if it leads somewhere harmless; its text otherwise. */
function link(url) {
  const node = safe(url)
    ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" })
    : el("span");
  return { outer: node, inner: node };
}

export function safe(url) {
  try { return ["http:", "https:", "mailto:", "tel:", "tg:"].includes(new URL(url).protocol); } catch { return false; }
}

