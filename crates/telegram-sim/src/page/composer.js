// Where you write: text, a file, a reply, an edit; the bot's own buttons below.

import { el, fullName, icon, iconButton } from "./dom.js";
import { T, size } from "./i18n.js";
import { closeMenu, menu } from "./overlays.js";
import { quote } from "./message.js";
import { summary } from "./sidebar.js";
import { chat, store } from "./store.js";

const area = document.getElementById("composer-area");
/** What is being written; `context` is `{kind: "reply"|"edit", entry}`. */
const draft = { text: "", file: null, context: null, shown: null, folded: false };
/** What the area was last drawn from: it is left alone while that is the same, and so is the caret. */
let last = "";

/** Touch keyboards have no way to type a new line but Enter. */
const touch = matchMedia("(pointer: coarse)").matches;

export function setContext(kind, entry) {
  draft.context = entry ? { kind, entry } : null;
  if (kind === "edit" && entry) draft.text = entry.message.text ?? entry.message.caption ?? "";
}

export function attach(file) {
  if (!chat() || chat().blocked) return;
  draft.file = file;
}

export const focus = () => { if (!touch) area.querySelector("textarea")?.focus({ preventScroll: true }); };

/** `acts`: send({text, file, reply_to}), edit(id, text), contact(), location(), block(), refresh(). */
export function render(acts) {
  const open = chat();
  area.hidden = !open;
  if (!open) return;
  if (draft.shown !== open.chat) Object.assign(draft, { text: "", file: null, context: null, shown: open.chat, folded: false });
  if (open.blocked || open.topics?.find((t) => t.id === store.thread)?.closed) last = "";
  if (open.blocked) {
    const lift = el("button", { class: "primary wide", type: "button", data: { testid: "unblock" }, on: { click: () => acts.block(false) } }, T.unblock);
    area.replaceChildren(el("div", { class: "closed" }, T.blocked), lift);
    return;
  }
  const topic = open.topics?.find((t) => t.id === store.thread);
  if (topic?.closed) {
    area.replaceChildren(el("div", { class: "closed" }, T.topic_closed));
    return;
  }
  const { context, file } = draft;
  const now = JSON.stringify([open.chat, store.me.id, open.keyboard, open.bot?.commands, draft.folded,
    context && [context.kind, context.entry.message.message_id], file && [file.name, file.size]]);
  const old = area.querySelector("textarea");
  if (now === last && old?.value === draft.text) return;
  last = now;
  const held = old === document.activeElement;
  const field = textarea(acts);
  const send = el("button", { class: "send", type: "submit", "aria-label": T.send, title: T.send, data: { testid: "send-button" } }, icon(draft.context?.kind === "edit" ? "check" : "send"));
  const commands = commandButton(open, acts);
  const fresh = () => {
    send.disabled = !draft.text.trim() && !draft.file;
    if (commands) commands.hidden = Boolean(draft.text);
  };
  field.addEventListener("input", fresh);
  fresh();
  const form = el("form", { class: "composer", on: { submit: (event) => { event.preventDefault(); submit(acts); } } },
    filePicker(acts),
    el("div", { class: "field" }, field, commands, keyboardButton(open, acts)),
    send);
  area.replaceChildren(...[contextBar(acts), attachment(acts), form, keyboard(open, acts)].filter(Boolean));
  grow(field);
  if (held) field.focus({ preventScroll: true });
}

function textarea(acts) {
  const field = el("textarea", { rows: "1", placeholder: draft.file ? T.caption : T.write, "aria-label": draft.file ? T.caption : T.write, maxlength: "4096", data: { testid: "composer" } });
  field.value = draft.text;
  field.addEventListener("input", () => { draft.text = field.value; grow(field); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch) {
      event.preventDefault();
      submit(acts);
    }
    if (event.key === "Escape" && (draft.context || draft.file)) cancel(acts);
    if (event.key === "ArrowUp" && !field.value) acts.editLast();
  });
  field.addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) { event.preventDefault(); draft.file = file; acts.refresh(); }
  });
  return field;
}

function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function cancel(acts) {
  if (draft.context?.kind === "edit") draft.text = "";
  Object.assign(draft, { file: null, context: null });
  acts.refresh();
}

async function submit(acts) {
  const { text, file, context } = draft;
  if (!text.trim() && !file) return;
  Object.assign(draft, { text: "", file: null, context: null });
  acts.refresh();
  const done = context?.kind === "edit"
    ? await acts.edit(context.entry.message.message_id, text)
    : await acts.send({ text, file, reply_to: context?.entry.message.message_id });
  if (!done) {
    // What was written is not lost.
    Object.assign(draft, { text, file, context });
    acts.refresh();
  }
}

function filePicker(acts) {
  const input = el("input", { type: "file", "aria-label": T.attach, data: { testid: "file-input" } });
  input.addEventListener("change", () => {
    [draft.file = null] = input.files;
    acts.refresh();
    focus();
  });
  return el("label", { class: "icon-button file-label", title: T.attach }, icon("clip"), input);
}

function contextBar(acts) {
  if (!draft.context) return null;
  const { kind, entry } = draft.context;
  const title = kind === "edit" ? T.editing : T.replying_to(fullName(entry.message.from ?? { first_name: "" }));
  return el("div", { class: "context", data: { testid: "context" } },
    icon(kind === "edit" ? "edit" : "reply"), quote(title, summary(entry.message)), iconButton("close", T.cancel, "context-cancel", () => cancel(acts)));
}

function attachment(acts) {
  const { file } = draft;
  if (!file) return null;
  let picture = el("span", {}, icon("file"));
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) {
    const url = URL.createObjectURL(file);
    picture = el("img", { src: url, alt: "", on: { load: () => URL.revokeObjectURL(url) } });
  }
  return el("div", { class: "attachment", data: { testid: "attachment" } }, picture,
    el("span", { class: "what" }, el("b", {}, file.name), el("small", {}, size(file.size))),
    iconButton("close", T.remove, "attachment-remove", () => { draft.file = null; acts.refresh(); }));
}

function commandButton(open, acts) {
  const all = open.bot ? open.bot.commands : [];
  if (!all.length) return null;
  const entry = ({ command, description }) => el("button", { class: "entry", type: "button", role: "menuitem", data: { testid: "command", command }, on: { click: () => { closeMenu(); acts.send({ text: `/${command}` }); } } },
    el("span", { class: "who" }, el("b", {}, `/${command}`), el("small", {}, description)));
  const button = el("button", { class: "icon-button", type: "button", "aria-label": T.commands, title: T.commands, "aria-haspopup": "menu", data: { testid: "commands-button" },
    on: { click: () => menu(button, all.map(entry), { label: T.commands, testid: "commands-menu" }) } }, el("span", { class: "slash", "aria-hidden": "true" }, "/"));
  return button;
}

const hasButtons = (open) => Boolean(open.keyboard?.keyboard?.length);

function keyboardButton(open, acts) {
  if (!hasButtons(open)) return null;
  const fold = () => { draft.folded = !draft.folded; acts.refresh(); };
  return iconButton("keyboard", T.keyboard, "keyboard-toggle", fold);
}

function keyboard(open, acts) {
  if (!hasButtons(open) || draft.folded) return null;
  const run = (button) => {
    if (button.request_contact) return acts.contact();
    if (button.request_location) return acts.location();
    return acts.send({ text: button.text });
  };
  const node = (raw) => {
    const button = typeof raw === "string" ? { text: raw } : raw;
    const style = ["primary", "success", "danger"].includes(button.style) ? `style-${button.style}` : "";
    return el("button", { class: style, type: "button", data: { testid: "reply-button" }, on: { click: () => run(button) } }, button.text);
  };
  const rows = open.keyboard.keyboard.map((row) => el("div", { class: "row" }, row.map(node)));
  return el("div", { class: "keyboard", data: { testid: "reply-keyboard" } }, rows);
}
