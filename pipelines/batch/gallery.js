"use strict";
// The gallery of a batch. Its data come as scripts, since a page from a disk may fetch nothing; every text in them is
// shown as text. Nobody is drawn before somebody scrolls there.

const gallery = (() => {
  const PAGE = 120; // tiles drawn at a time
  const MOST_BARS = 8; // of one chart
  const FILTERS = { archetype: "Any look", gender: "Any gender", age: "Any age", tone: "Any tone" };
  const CHARTS = { category: "Kind of being", archetype: "Looks like", gender: "Gender", age: "Age", tone: "Tone", expert: "Drawn by", language: "Language" };
  const people = [];
  const failures = [];
  const figures = [];
  const wanted = {}; // shares that quotas want, by attribute and value
  const facts = new Map(); // what the scripts in gallery/facts told, by id
  const chosen = {}; // the filters that are set
  let untold = 0;
  let shown = []; // who passes the filters, in order
  let drawn = 0; // how many of them have a tile
  let open = -1; // whose card is open, as a place in `shown`

  const by = (id) => document.getElementById(id);
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const many = (count, one, more) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // What data scripts call.
  function wall({ columns, rows }) {
    for (const row of rows) people.push(Object.fromEntries(columns.map((name, at) => [name, row[at]])));
  }
  function lost(list, more) {
    failures.push(...list);
    untold += more;
  }

  // Who is shown.
  function passes(person, words) {
    for (const [name, value] of Object.entries(chosen)) if (person[name] !== value) return false;
    if (!words.length) return true;
    person.words ??= folded([person.name, person.nature, person.description, person.greeting, person.tone, person.archetype, person.id].join(" "));
    return words.every((word) => person.words.includes(word));
  }

  function choose() {
    const words = folded(by("find").value).split(/\s+/).filter(Boolean);
    shown = people.filter((person) => passes(person, words));
    drawn = 0;
    by("wall").replaceChildren();
    if (shown.length) draw();
    else if (people.length) by("wall").append(make("li", { class: "none" }, "Nobody here is like that."));
    const all = shown.length === people.length;
    by("count").textContent = all ? many(people.length, "character", "characters") : `${shown.length.toLocaleString("en")} of ${many(people.length, "character", "characters")}`;
    by("clear").hidden = all && !words.length && !Object.keys(chosen).length;
    by("more").hidden = drawn >= shown.length;
    by("anyone").disabled = !shown.length;
    for (const pick of document.querySelectorAll("#picks select")) {
      pick.value = chosen[pick.name] ?? "";
      pick.classList.toggle("on", pick.name in chosen);
    }
    for (const bar of document.querySelectorAll(".bar")) bar.setAttribute("aria-pressed", chosen[bar.dataset.name] === bar.dataset.value);
  }

  function set(name, value) {
    if (value && chosen[name] !== value) chosen[name] = value;
    else delete chosen[name];
    choose();
  }

  function counts(name) {
    const found = new Map();
    for (const person of people) found.set(person[name], (found.get(person[name]) ?? 0) + 1);
    return [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }

  // Tiles.
  function draw() {
    const until = Math.min(drawn + PAGE, shown.length);
    const tiles = document.createDocumentFragment();
    for (; drawn < until; drawn += 1) tiles.append(make("li", {}, tile(shown[drawn], drawn)));
    by("wall").append(tiles);
    by("more").hidden = drawn >= shown.length;
  }

  function tile(person, place) {
    const shot = make("span", { class: "shot" });
    const letter = make("span", { class: "letter", "aria-hidden": "true" }, [...person.name][0] ?? "?");
    const face = make("img", { alt: person.description, loading: "lazy", decoding: "async", width: 256, height: 256 });
    face.addEventListener("error", () => face.replaceWith(letter));
    if (person.face) face.src = `gallery/faces/${person.id}.webp`;
    shot.append(person.face ? face : letter);
    const button = make("button", { class: "tile", type: "button" }, shot, line("name", person.name), line("is", person.nature), line("tone", person.tone));
    button.addEventListener("click", () => meet(place));
    button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && greet(shot, person));
    button.addEventListener("pointerleave", hush);
    return button;
  }

  const line = (kind, text) => make("span", { class: kind, dir: "auto" }, text);

  // Under the mouse a face moves, without a sound.
  const preview = make("video", { muted: "", loop: "", playsinline: "", tabindex: -1, "aria-hidden": "true", disablepictureinpicture: "" });
  let waiting = 0;
  function greet(shot, person) {
    hush();
    if (still.matches) return;
    waiting = setTimeout(() => {
      preview.muted = true;
      preview.src = clip(person);
      preview.onplaying = () => shot.append(preview);
      preview.play().catch(() => {}); // no clip: the picture stays
    }, 250);
  }
  function hush() {
    clearTimeout(waiting);
    preview.onplaying = null;
    preview.pause();
    preview.remove();
  }

  // The card.
  const clip = (person) => `avatars/${person.id}/greeting.mp4`;

  function meet(place) {
    const person = shown[place];
    if (!person) return;
    hush();
    open = place;
    const video = by("clip");
    video.pause();
    video.poster = `avatars/${person.id}/portrait.png`;
    video.src = clip(person);
    video.setAttribute("aria-label", `${person.name} says: ${person.greeting}`);
    by("card-name").textContent = person.name;
    by("card-is").textContent = person.description;
    by("card-says").textContent = person.greeting;
    const disk = location.protocol === "file:"; // elsewhere folders can seldom be listed
    by("card-folder").href = `avatars/${person.id}/${disk ? "" : "avatar.json"}`;
    by("card-folder").textContent = disk ? "Open its folder" : "Open its record";
    by("place").textContent = `${(place + 1).toLocaleString("en")} of ${shown.length.toLocaleString("en")}`;
    by("before").disabled = place === 0;
    by("after").disabled = place === shown.length - 1;
    tell(person);
    if (!by("card").open) by("card").showModal();
    by("card").scrollTop = by("card-name").parentElement.scrollTop = 0;
    if (!still.matches) video.play().catch(() => {}); // a browser may want a click first
    history.replaceState(null, "", `#${person.id}`);
    if (!facts.has(person.id)) ask(person);
  }

  function ask(person) {
    const script = make("script", { src: `gallery/facts/${person.id}.js` });
    script.onload = () => {
      script.remove();
      if (shown[open]?.id === person.id) tell(person);
    };
    script.onerror = () => script.remove(); // what the wall knows of it has to do
    document.head.append(script);
  }

  function tell(person) {
    const more = facts.get(person.id) ?? {};
    by("card-traits").replaceChildren(...(more.traits ?? []).map((trait) => make("li", { dir: "auto" }, trait)));
    by("card-story").textContent = more.story ?? "";
    const rows = [["Is", [person.nature, person.age, person.gender].filter(Boolean).join(", ")], ...(more.facts ?? []), ["Tone", person.tone], ["Drawn by", person.expert], ["Seed", String(person.seed)], ["Row", String(person.row)]];
    const list = rows.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", { dir: "auto" }, text)));
    by("card-facts").replaceChildren(...list, ...person.notes.map((note) => make("div", {}, make("dt", {}, "Note"), make("dd", { dir: "auto" }, note))));
  }

  function left() {
    by("clip").pause();
    by("clip").removeAttribute("src");
    history.replaceState(null, "", location.pathname + location.search);
    while (drawn <= open && drawn < shown.length) draw();
    by("wall").children[open]?.firstChild.focus();
    open = -1;
  }

  // Keys.
  function move(event) {
    const tiles = [...by("wall").querySelectorAll(".tile")];
    const at = tiles.indexOf(document.activeElement);
    if (at < 0) return;
    const across = tiles.findIndex((other) => other.offsetTop > tiles[0].offsetTop);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across > 0 ? across : tiles.length, ArrowUp: across > 0 ? -across : -tiles.length }[event.key];
    const goal = tiles[at + (step ?? NaN)];
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches?.("input, select, video");
    if (by("card").open) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step && !typing) meet(open + step);
    } else if (event.key === "/" && !typing) {
      event.preventDefault();
      by("find").focus();
    } else if (!typing) move(event);
  }

  // The panels below.
  function chart(name, title) {
    const found = counts(name);
    if (found.length < 2) return "";
    const most = Math.max(found[0][1], ...Object.values(wanted[name] ?? {}).map((due) => due * people.length));
    const rest = found.slice(MOST_BARS);
    const bars = found.slice(0, MOST_BARS).map(([value, count]) => {
      const share = make("i", {});
      share.style.width = `${(100 * count) / most}%`;
      const due = wanted[name]?.[value] ?? 0;
      const mark = make("u", { title: `wanted: ${(100 * due).toFixed(0)} %` });
      mark.style.left = `${(100 * due * people.length) / most}%`;
      const bar = make("button", { class: "bar", type: "button", "data-name": name, "data-value": value, "aria-pressed": "false" }, make("b", { dir: "auto", title: value }, value), make("span", { class: "track" }, share, due ? mark : ""), make("span", {}, count.toLocaleString("en")));
      bar.addEventListener("click", () => (set(name, value), by("tools").scrollIntoView()));
      return bar;
    });
    const others = rest.length ? [make("p", { class: "soft" }, `and ${many(rest.length, "other", "others")}`)] : [];
    return make("section", {}, make("h3", {}, title), ...bars, ...others);
  }

  function panels() {
    by("varied").hidden = people.length < 2;
    by("figures").replaceChildren(...figures.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
    by("charts").replaceChildren(...Object.entries(CHARTS).map(([name, title]) => chart(name, title)));
    const lostAll = failures.length + untold;
    by("failed").hidden = !lostAll;
    by("failed-title").textContent = `${many(lostAll, "row", "rows")} without a character`;
    by("failures").replaceChildren(...failures.map(([row, stage, description, problem]) => make("li", {}, make("span", { class: "at" }, `Row ${row}, ${stage}`), make("span", { dir: "auto" }, description || "(no description)"), make("span", { class: "soft", dir: "auto" }, problem))));
    by("untold").textContent = untold ? `and ${untold.toLocaleString("en")} more; all are in failures.jsonl` : "";
  }

  function picks() {
    for (const [name, any] of Object.entries(FILTERS)) {
      const found = counts(name);
      if (found.length < 2) continue;
      const options = found.map(([value, count]) => make("option", { value }, `${value} (${count.toLocaleString("en")})`));
      const pick = make("select", { name, "aria-label": any }, make("option", { value: "" }, any), ...options);
      pick.addEventListener("change", () => {
        delete chosen[name];
        set(name, pick.value);
      });
      by("picks").append(pick);
    }
  }

  function start() {
    people.sort((a, b) => a.row - b.row || a.copy - b.copy);
    picks();
    panels();
    choose();
    let typed = 0;
    by("find").addEventListener("input", () => {
      clearTimeout(typed);
      typed = setTimeout(choose, 80);
    });
    by("tools").addEventListener("submit", (event) => event.preventDefault());
    by("clear").addEventListener("click", () => {
      for (const name of Object.keys(chosen)) delete chosen[name];
      by("find").value = "";
      choose();
      by("find").focus();
    });
    by("anyone").addEventListener("click", () => meet(Math.floor(Math.random() * shown.length)));
    by("more").addEventListener("click", draw);
    new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && !by("more").hidden && draw(), { rootMargin: "900px" }).observe(by("more"));
    by("before").addEventListener("click", () => meet(open - 1));
    by("after").addEventListener("click", () => meet(open + 1));
    by("close").addEventListener("click", () => by("card").close());
    by("card").addEventListener("close", left);
    by("card").addEventListener("click", (event) => event.target === by("card") && by("card").close());
    document.addEventListener("keydown", key);
    const wanted = shown.findIndex((person) => person.id === location.hash.slice(1));
    if (wanted >= 0) meet(wanted);
  }

  document.addEventListener("DOMContentLoaded", start);
  return { wall, lost, facts: (id, told) => facts.set(id, told), figures: (list, shares) => (figures.push(...list), Object.assign(wanted, shares)) };
})();
