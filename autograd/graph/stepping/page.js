// Several pages may stand in one document: each is started once, by whichever script runs first.
for (const root of document.querySelectorAll(".step-through:not([data-started])")) start(root);

function start(root) {
  root.dataset.started = "";
  const story = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const said = Array.from(root.querySelectorAll("tbody tr"), row => row.cells[1].textContent);
  const last = story.steps.length - 1;
  const inPage = document.body.classList.contains("step-through-page");
  let now = 0, timer = null;

  // What stands on the page, once.

  const button = (label, text, action, kind) => {
    const made = make("button", kind, text);
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.addEventListener("click", action);
    return made;
  };
  const halves = make("div", "halves");
  halves.setAttribute("aria-hidden", "true");
  for (const kind of ["forward", "backward"]) {
    const share = story.steps.filter(step => step.kind === kind).length;
    const half = make("span", kind, kind);
    half.style.flex = share;
    if (share) halves.append(half);
  }
  const slider = make("input");
  slider.type = "range";
  slider.max = last;
  slider.setAttribute("aria-label", "Step");
  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  const shownPlace = make("output", "place");
  const play = button("Play (space)", "▶ Play", () => timer === null ? run() : stop(), "play");
  const bar = make("div", "bar",
    button("To the start (Home)", "|◀", () => jump(0)),
    button("Back (←)", "◀", () => jump(now - 1)),
    play,
    button("Forward (→)", "▶", () => jump(now + 1)),
    button("To the end (End)", "▶|", () => jump(last)),
    make("div", "slider", slider, halves), shownPlace);
  const graph = make("div", "graph"), source = make("div", "source"), panel = make("div", "panel");
  panel.tabIndex = 0;
  const status = make("p", "hidden-words");
  status.setAttribute("role", "status");
  root.append(bar, make("div", "stage", graph, panel, source), status);
  root.tabIndex = -1;

  // The drawing is the one that stands here for those without scripts.
  const image = root.querySelector("img");
  const bytes = Uint8Array.from(atob(image.src.split(",")[1]), c => c.charCodeAt(0));
  const parsed = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml");
  const svg = document.importNode(parsed.documentElement, true);
  for (const one of [svg, ...svg.querySelectorAll("[id]")]) one.removeAttribute("id");
  graph.append(svg);
  const [width, height] = [image.width || 1, image.height || 1].map(points => points * 4 / 3);
  const partOf = new Map();
  for (const key of Object.keys(story.parts)) {
    const part = svg.querySelector(`.node.${key}`);
    partOf.set(key, part);
    part.addEventListener("click", () => jump(stepOf(key)));
  }

  const sources = story.sources.map(one => {
    const rows = one.lines.map(([number, text], i) => {
      const gap = i > 0 && one.lines[i - 1][0] !== number - 1;
      const row = make("span", gap ? "row gap" : "row", `${text}\n`);
      row.dataset.number = number;
      return row;
    });
    const shown = make("div", "", make("p", "soft", one.title), make("pre", "", ...rows));
    shown.hidden = true;
    source.append(shown);
    return { shown, rows, numbers: one.lines.map(([number]) => number) };
  });
  source.hidden = !sources.length;

  // Moving.

  function stepOf(key) {   // on the way back, where its gradient is; else where its value is
    const part = story.parts[key], back = story.steps[now].kind === "backward" || now === last;
    if (back && part.backward !== undefined) return part.backward;
    if (part.forward) return part.forward;
    return story.steps.findIndex(step => step.edges?.some(edge => edge.startsWith(`${key}-`)));
  }

  function jump(step) { stop(); go(step); }

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶ Play";
    status.setAttribute("aria-live", "polite");
  }

  function run() {
    if (now === last) go(0);
    play.textContent = "⏸ Pause";
    status.setAttribute("aria-live", "off");   // it would fall behind
    timer = setInterval(() => {
      go(now + 1);
      if (now === last) stop();
    }, 1800);
  }

  const keys = {
    ArrowRight: () => jump(now + 1), ArrowDown: () => jump(now + 1), PageDown: () => jump(now + 1),
    ArrowLeft: () => jump(now - 1), ArrowUp: () => jump(now - 1), PageUp: () => jump(now - 1),
    Home: () => jump(0), End: () => jump(last), " ": () => play.click(),
  };
  (inPage ? document : root).addEventListener("keydown", event => {
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
    const pressed = event.key === " " && event.target.tagName === "BUTTON";   // that is a click
    const scrolls = /^(ArrowUp|ArrowDown)$/.test(event.key) && panel.contains(event.target);
    if (!plain || pressed || scrolls || !(event.key in keys)) return;
    event.preventDefault();
    event.stopPropagation();   // notebooks have other plans with these keys
    keys[event.key]();
  });

  // One step.

  function formula(index, before) {
    const shown = make("div", "formula");
    shown.innerHTML = story.formulas[index];   // made by us, of escaped names
    if (before) shown.prepend(before);
    return shown;
  }

  function card([role, sign, name, of, arrayAt, formulaAt = -1, note = ""], call) {
    const caption = make("div", "caption"), made = make("div", `card ${role}`, caption);
    const array = story.arrays[arrayAt], out = call.outputs?.[0];
    if (role === "local") {
      const left = call.elementwise || formulaAt < 0 ? `∂${out}/∂${name}` : `∇${name}`;
      caption.append(formulaAt < 0 ? left : formula(formulaAt, `${left} = `));
    } else {
      if (name) caption.append(make("b", "", name));
      if (of && of !== name) caption.append(name ? " " : "", make("span", name ? "of" : "", of));
    }
    if (array) made.append(...shown(array, `${role} ${name} ${of}`));
    if (note) made.append(make("div", "facts", note));
    return sign ? [make("span", "sign", sign), made] : [made];
  }

  function shown(array, name) {
    const size = product(array.shape);
    if (size === 1 || array.all) {
      const value = entries(array)[0];
      const made = make("div", "scalar", `${array.all ? "all " : ""}${short(value, 5)}`);
      made.title = exact(value, array.double);
      return array.shape.length ? [made, make("div", "facts", shape(array))] : [made];
    }
    if (size === 0) return [make("div", "facts", `${shape(array)}, no entries`)];
    return [make("div", "wide", table(array, name)),
            make("div", "facts", array.note ? `${array.note}` : shape(array))];
  }

  function group(one, call) {
    const title = make("h4", "", one.title);
    if (one.note) title.append(" ", make("span", "soft", one.note));
    const rows = one.rows.map(row => {
      const [role, , , , array] = row[0];
      const kind = role === "local" && array < 0 ? "cards stacked" : "cards";
      return make("div", kind, ...row.flatMap(each => card(each, call)));
    });
    return make("div", "group", title, make("div", "rows", ...rows));
  }

  function go(wanted) {
    now = Math.min(last, Math.max(0, wanted));
    const step = story.steps[now], call = story.calls[step.part] ?? {};
    const count = { forward: 0, backward: 0 };
    story.steps.forEach(one => { if (one.kind in count) count[one.kind] += 1; });
    const done = story.steps.slice(0, now + 1).filter(one => one.kind === step.kind).length;
    root.classList.remove("start", "forward", "backward", "end");
    root.classList.add(step.kind);
    slider.value = now;
    slider.setAttribute("aria-valuetext", said[now]);
    shownPlace.textContent = `step ${now} of ${last}`;
    status.textContent = said[now];
    const badge = { start: "Start", end: "End", forward: `Forward ${done} of ${count.forward}`,
                    backward: `Backward ${done} of ${count.backward}` }[step.kind];
    const head = make("div", "", make("span", "badge", badge));
    if (call.operation) head.append(make("b", "", call.operation));
    if (call.module) head.append(make("span", "soft", ` in ${call.module}`));
    if (call.about) head.append(make("div", "soft", call.about));
    const title = make("div", "title", make("p", "call", call.title ?? step.title));
    if (call.formula !== undefined) {
      title.append(formula(call.formula, `${call.outputs.join(", ")} = `));
    }
    panel.replaceChildren(head, title,
      make("div", "groups", ...(step.groups ?? []).map(one => group(one, call))),
      ...(step.notes ?? []).map(note => make("p", "notes", note)));
    panel.scrollTop = 0;
    light(step, call);
  }

  function light(step, call) {
    const turned = step.kind === "backward" || step.kind === "end";
    for (const [key, part] of partOf) {
      const { forward, backward } = story.parts[key];
      part.classList.toggle("later", now < forward);
      part.classList.toggle("now", step.part === key);
      part.classList.toggle("returned", backward !== undefined && now >= backward);
      part.classList.toggle("aside", turned && backward === undefined);
    }
    for (const head of svg.querySelectorAll(".head")) head.remove();
    for (const edge of svg.querySelectorAll(".edge")) {
      const lit = (step.edges ?? []).some(one => edge.classList.contains(one));
      edge.classList.toggle("lit", lit);
      edge.classList.toggle("back", lit && turned);
      if (lit && turned) turnRound(edge);
    }
    for (const { shown, rows, numbers } of sources) {
      rows.forEach(row => row.classList.remove("now"));
      shown.hidden = true;
    }
    const [place, number] = call.line ?? [Math.max(0, sources.findIndex(one => !one.hidden)), 0];
    if (sources.length) {
      const { shown, rows, numbers } = sources[place], row = rows[numbers.indexOf(number)];
      shown.hidden = false;
      row?.classList.add("now");
      if (row) source.scrollTop = row.offsetTop - source.offsetTop - source.clientHeight / 2;
    }
    const part = partOf.get(step.part);
    if (part) {
      const box = part.getBoundingClientRect(), pane = graph.getBoundingClientRect();
      graph.scrollTop += box.top + box.height / 2 - pane.top - pane.height / 2;
      graph.scrollLeft += box.left + box.width / 2 - pane.left - pane.width / 2;
    }
  }

  function turnRound(edge) {   // an arrow head where the edge begins
    const path = edge.querySelector("path"), first = path.getPointAtLength(0);
    const next = path.getPointAtLength(4);
    const turn = Math.atan2(first.y - next.y, first.x - next.x) * 180 / Math.PI;
    const head = document.createElementNS(svg.namespaceURI, "polygon");
    head.setAttribute("class", "head");
    head.setAttribute("points", "0,0 -9,-5 -9,5");
    head.setAttribute("transform", `translate(${first.x},${first.y}) rotate(${turn})`);
    path.after(head);
  }

  function fit() {   // the whole drawing if it stays legible, else a part that can be scrolled
    const whole = Math.min((graph.clientWidth - 4) / width, (graph.clientHeight - 4) / height);
    const scale = Math.min(1.4, Math.max(0.6, whole));
    svg.setAttribute("width", width * scale);
    svg.setAttribute("height", height * scale);
  }
  new ResizeObserver(() => { fit(); go(now); }).observe(graph);

  stop();
  fit();
  go(0);
  if (inPage) root.focus({ preventScroll: true });
}
