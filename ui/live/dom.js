// Makes the page's elements. Every text that comes from users or models becomes a text node, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Outlines of 24x24 px, drawn by lines. */
const ICONS = {
  arrow: "M5 12h14M13 6l6 6-6 6",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8v8H8z",
  mic: "M12 15a3.5 3.5 0 0 0 3.5-3.5v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  wave: "M4 10v4M8 6v12M12 9v6M16 4v16M20 10v4",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  mute: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5",
  play: "M8 5.5v13l10.5-6.5z",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  file: "M13 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V8zM13 3v5h5",
  film: "M4 6h16v12H4zM8 6v12M16 6v12M4 12h16",
  down: "M12 4v11M7 11l5 5 5-5M5 20h14",
  dice: "M5 5h14v14H5zM9 9h.01M15 15h.01M15 9h.01M9 15h.01",
  points: "M5 8h.01M12 5h.01M19 8h.01M8 13h.01M16 13h.01M12 17h.01M12 11h.01",
  face: "M9 9.5v.8M15 9.5v.8M8.6 14.2c1.9 2.4 4.9 2.4 6.8 0",
  check: "M5 12.5l4.5 4.5L19 7.5",
};

/**
 * An element. `props` are properties or, where the element has none of that name, attributes; `on...` are listeners and
 * `class` its classes. Children are elements, or texts; what is null or false is left out.
 * @param {string} tag @param {Object} [props] @param {...(Node|string|null|false)} children
 */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (name in made && name !== "list" && name !== "form") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A drawn icon that screen readers pass over. @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button; an icon alone says its `label` to screen readers and as a tip. */
export function button(label, onclick, { image, kind = "", iconOnly = false, ...props } = {}) {
  const named = iconOnly ? { title: label, "aria-label": label } : {};
  return el(
    "button",
    { type: "button", class: `button ${kind} ${iconOnly ? "round" : ""}`.trim(), onclick, ...named, ...props },
    image ? icon(image) : null,
    iconOnly ? null : el("span", {}, label),
  );
}

/** A labelled field: the label's text, the input, and a hint that belongs to it. */
export function field(label, input, hint) {
  input.id ||= `personify-${++count}`;
  const told = hint ? el("small", { id: `${input.id}-hint` }, hint) : null;
  if (told) input.setAttribute("aria-describedby", told.id);
  return el("div", { class: "field" }, el("label", { htmlFor: input.id }, label), input, told);
}

let count = 0;

/** A list to choose from: `options` are [value, label], or {label, options} for a group. */
export function select(options, props = {}) {
  const made = el("select", props);
  fill(made, options);
  return made;
}

/** Puts other options into a select; what was chosen stays chosen where it is still there. */
export function fill(made, options) {
  const chosen = made.value;
  made.replaceChildren(
    ...options.map((entry) =>
      Array.isArray(entry)
        ? el("option", { value: entry[0] }, entry[1])
        : el("optgroup", { label: entry.label }, ...entry.options.map(([value, text]) => el("option", { value }, text))),
    ),
  );
  if ([...made.options].some((option) => option.value === chosen)) made.value = chosen;
}

/** Sets a text only where it changed, so that nothing flickers and nothing is read out twice. */
export function setText(element, text) {
  const next = text ?? "";
  if (element.textContent !== next) element.textContent = next;
}

/** A text that turns no direction of what stands around it, whatever is in it (FSI and PDI of Unicode). @param {string} text */
export function isolated(text) {
  return `\u2068${text ?? ""}\u2069`;
}

/** Seconds for people: "4 s", "1 min 5 s". @param {number} seconds */
export function lasted(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
