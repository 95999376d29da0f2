// Builds elements. Text goes in as text, never as markup: what people and bots say is not trusted.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (name === "data") for (const [key, data] of Object.entries(value)) node.dataset[key] = data;
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SHAPES = {
  send: "M4.5 12 20 4.5 15.500 20l-3.700-6.100zM11.800 13.900 20 4.500",
  clip: "M20 11.500 12.300 19.200a5 5 0 0 1-7.100-7.100l8-8a3.400 3.400 0 0 1 4.800 4.800l-8 8a1.700 1.700 0 0 1-2.400-2.400l7.300-7.300",
  down: "m6 9 6 6 6-6",
  back: "m15 5-7 7 7 7",
  more: "M12 6.010V6M12 12.010V12M12 18.010V18",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M10 6 4 12l6 6M4 12h10a6 6 0 0 1 6 6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  copy: "M9 9h10v10H9zM5 15V5h10",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  ban: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M6 6l12 12",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.500 20a7.500 7.500 0 0 1 15 0",
  group: "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M2.500 19a6.500 6.500 0 0 1 13 0M16 5a3.300 3.300 0 0 1 0 6.300M18 13.500a6 6 0 0 1 3.500 5.500",
  pin: "M12 21s7-6.100 7-11.500a7 7 0 1 0-14 0C5 14.900 12 21 12 21M12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5",
  check: "m4 12.500 4.500 4.500L18 7",
  keyboard: "M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8",
  stop: "M7 7h10v10H7z",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({
    class: "icon", viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": name === "more" ? 2.6 : 1.8,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  })) svg.setAttribute(key, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, testid, run) {
  const on = run ? { click: run } : undefined;
  return el("button", { class: "icon-button", type: "button", "aria-label": label, title: label, data: testid ? { testid } : {}, on }, icon(name));
}

/** The colour of somebody's name and picture. */
export const hue = (id, bot) => (bot ? "hue-bot" : `hue-${Math.abs(Number(id) || 0) % 7}`);

/** The round picture of a person, a bot or a group. */
export function avatar(name, id, { bot = false, group = false, size = "" } = {}) {
  const letters = Array.from(name.trim().replace(/[^\p{L}\p{N} ]/gu, "")).length
    ? name.trim().split(/\s+/).slice(0, 2).map((word) => Array.from(word)[0] ?? "").join("").toUpperCase()
    : "?";
  return el("span", { class: `avatar ${hue(id, bot)} ${size} ${group ? "group" : ""}`, "aria-hidden": "true" }, letters);
}

export function fullName(user) {
  return [user.first_name, user.last_name].filter(Boolean).join(" ");
}
