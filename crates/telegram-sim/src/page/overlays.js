// Menus, dialogs and notices above the page.

import { avatar, el, fullName, icon } from "./dom.js";
import { T } from "./i18n.js";

export function notice(text, bad = false) {
  const node = el("div", { class: `toast ${bad ? "bad" : ""}`, data: { testid: "toast" } }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 3500);
}

let current = null;

export function closeMenu() {
  if (!current) return;
  const { node, anchor } = current;
  current = null;
  node.remove();
  anchor?.setAttribute("aria-expanded", "false");
}

/** A menu at an element or at a point. Children are elements; a click on one closes it. */
export function menu(anchor, children, { at = null, label = "", testid = "menu" } = {}) {
  const same = current?.anchor === anchor && !at;
  closeMenu();
  if (same) return null;
  const node = el("div", { class: "popover", role: "menu", "aria-label": label, data: { testid } }, children);
  document.body.append(node);
  const box = anchor?.getBoundingClientRect();
  // Below something wide it is as wide.
  if (box && !at && box.width > 200) node.style.minWidth = `${box.width}px`;
  const point = at ?? { x: box.left, y: box.bottom + 6, top: box.top - 6 };
  const left = Math.max(8, Math.min(point.x, innerWidth - node.offsetWidth - 8));
  const fits = point.y + node.offsetHeight <= innerHeight - 8;
  const top = fits ? point.y : Math.max(8, (point.top ?? point.y) - node.offsetHeight);
  node.style.left = `${left}px`;
  node.style.top = `${top}px`;
  anchor?.setAttribute("aria-expanded", "true");
  current = { node, anchor };
  node.querySelector("button")?.focus({ preventScroll: true });
  return node;
}

addEventListener("pointerdown", (event) => {
  if (current && !current.node.contains(event.target) && !current.anchor?.contains(event.target)) closeMenu();
}, true);
addEventListener("keydown", (event) => {
  if (!current) return;
  if (event.key === "Escape") {
    const { anchor } = current;
    closeMenu();
    anchor?.focus();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...current.node.querySelectorAll("button")];
    const step = event.key === "ArrowDown" ? 1 : -1;
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
    event.preventDefault();
  }
});
addEventListener("resize", closeMenu);

export function item(name, text, run, { bad = false, testid } = {}) {
  const click = () => { closeMenu(); run(); };
  return el("button", { class: `entry ${bad ? "bad" : ""}`, type: "button", role: "menuitem", data: testid ? { testid } : {}, on: { click } }, icon(name), text);
}

function dialog(content, cls = "", testid = "dialog") {
  const node = el("dialog", { class: cls, data: { testid } }, content);
  document.body.append(node);
  node.addEventListener("close", () => node.remove());
  node.addEventListener("click", (event) => { if (event.target === node) node.close(); });
  node.showModal();
  return node;
}

export function alertBox(text) {
  const ok = el("button", { class: "primary", type: "button", data: { testid: "alert-ok" }, on: { click: () => node.close() } }, T.ok);
  const node = dialog(el("div", { class: "sheet", role: "alertdialog" }, el("p", {}, text), el("div", { class: "buttons" }, ok)), "", "alert");
}

export function confirmLink(url) {
  const close = () => node.close();
  const open = el("a", { class: "primary", href: url, target: "_blank", rel: "noopener noreferrer nofollow", on: { click: close } }, T.open);
  const cancel = el("button", { class: "secondary", type: "button", on: { click: close } }, T.cancel);
  const node = dialog(el("div", { class: "sheet" }, el("h2", {}, T.link), el("p", {}, url), el("div", { class: "buttons" }, cancel, open)));
}

export function lightbox(url, name) {
  const node = dialog(el("img", { src: url, alt: name, on: { click: () => node.close() } }), "lightbox", "lightbox");
}

function form(title, fields, action, submit, testid) {
  const cancel = el("button", { class: "secondary", type: "button", on: { click: () => node.close() } }, T.cancel);
  const go = el("button", { class: "primary", type: "submit", data: { testid: `${testid}-submit` } }, action);
  const run = async (event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      await submit();
      node.close();
    } catch (error) {
      notice(`${T.failed}: ${error.message}`, true);
      go.disabled = false;
    }
  };
  const sheet = el("form", { class: "sheet", on: { submit: run } }, el("h2", {}, title), fields, el("div", { class: "buttons" }, cancel, go));
  const node = dialog(sheet, "", testid);
}

const line = (label, field) => el("label", { class: "line" }, label, field);
const check = (label, box) => el("label", { class: "check" }, box, label);

export function newPerson(create) {
  const first = el("input", { type: "text", required: true, maxlength: "64", autocomplete: "off", data: { testid: "person-first-name" } });
  const last = el("input", { type: "text", maxlength: "64", autocomplete: "off", data: { testid: "person-last-name" } });
  const language = el("select", { data: { testid: "person-language" } }, el("option", { value: "en" }, "English"), el("option", { value: "ru" }, "Русский"));
  if (T.locale.startsWith("ru")) language.value = "ru";
  const fields = [line(T.first_name, first), line(T.last_name, last), line(T.language, language)];
  const submit = () => create({ first_name: first.value, last_name: last.value.trim() || null, language_code: language.value });
  form(T.add_person, fields, T.add, submit, "new-person");
}

export function newGroup(bots, create) {
  const title = el("input", { type: "text", required: true, maxlength: "128", autocomplete: "off", data: { testid: "group-title" } });
  const topics = el("input", { type: "checkbox", data: { testid: "group-topics" } });
  const admin = el("input", { type: "checkbox", checked: true });
  const boxes = bots.map((bot) => [bot, el("input", { type: "checkbox", checked: true })]);
  const fields = [
    line(T.group_name, title),
    ...boxes.map(([bot, box]) => check(fullName(bot.user), box)),
    check(T.with_topics, topics),
    check(T.hear_all, admin),
    el("small", {}, T.everyone),
  ];
  const submit = () => create({
    title: title.value,
    topics: topics.checked,
    bots: boxes.filter(([, box]) => box.checked).map(([bot]) => ({ bot: bot.name, admin: admin.checked })),
  });
  form(T.new_group, fields, T.create, submit, "new-group");
}

export function personEntry(person, chosen, choose) {
  const click = () => { closeMenu(); choose(person); };
  return el("button", { class: "entry", type: "button", role: "menuitemradio", "aria-checked": String(chosen), data: { testid: "identity-option", person: person.id }, on: { click } },
    avatar(fullName(person), person.id, { size: "small" }),
    el("span", { class: "who" }, el("b", {}, fullName(person)), person.username ? el("small", {}, `@${person.username}`) : null),
    chosen ? icon("check") : null);
}
