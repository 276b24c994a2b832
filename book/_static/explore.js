// Figures that a reader works by hand. Each takes its data from the page and needs nothing else.
const explore = (() => {
  // The package's split pattern. Its possessive quantifiers can be plain ones here: what follows
  // each of them can never match what it gives back. JavaScript's \s is not Unicode's white space.
  const space = "\\p{White_Space}";
  const SPLIT = new RegExp(
    "'(?:[sdmtSDMT\u017f]|[lL][lL]|[vV][eE]|[rR][eE])" +
      "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+" +
      "|\\p{N}{1,2}" +
      `| ?[^${space}\\p{L}\\p{N}]+[\\r\\n]*` +
      `|${space}*[\\r\\n]|${space}+(?!\\P{White_Space})|${space}+`,
    "gu",
  );

  const key = (left, right) => `${left} ${right}`;

  const ranksOf = (merges) => new Map(merges.map(([a, b], rank) => [key(a, b), rank]));

  function split(text) {
    const bytes = new TextEncoder();
    return (text.match(SPLIT) ?? []).map((chunk) => [...bytes.encode(chunk)]);
  }

  function merge(ids, [left, right], newId) {
    const merged = [];
    for (let i = 0; i < ids.length; i++) {
      const found = ids[i] === left && ids[i + 1] === right;
      merged.push(found ? newId : ids[i]);
      if (found) i++;
    }
    return merged;
  }

  function firstLearned(chunks, ranks) {
    let first = Infinity;
    for (const ids of chunks)
      for (let i = 0; i + 1 < ids.length; i++)
        first = Math.min(first, ranks.get(key(ids[i], ids[i + 1])) ?? Infinity);
    return first;
  }

  // The tokens of a text after each merge that applies, the bytes first.
  function steps(text, merges, ranks) {
    let chunks = split(text);
    const all = [{ rank: null, ids: chunks.flat() }];
    for (let rank; (rank = firstLearned(chunks, ranks)) < Infinity; ) {
      chunks = chunks.map((ids) => merge(ids, merges[rank], 256 + rank));
      all.push({ rank, ids: chunks.flat() });
    }
    return all;
  }

  const encode = (text, merges) => steps(text, merges, ranksOf(merges)).at(-1).ids;

  function bytesOf(id, merges) {
    if (id < 256) return [id];
    return merges[id - 256].flatMap((part) => bytesOf(part, merges));
  }

  // A token's text, or its bytes in hexadecimal where they are no whole characters.
  function shown(bytes) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      return text.decode(new Uint8Array(bytes)).replace(/ /g, "␣").replace(/\n/g, "↵");
    } catch {
      return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ");
    }
  }

  function softmax(logits) {
    const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const weights = logits.map((logit) => Math.exp(logit - highest));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  }

  const byScore = (logits) => logits.map((_, i) => i).sort((a, b) => logits[b] - logits[a]);

  const keep = (logits, kept) => logits.map((logit, i) => (kept.has(i) ? logit : -Infinity));

  function keepTopP(logits, order, p) {
    const probabilities = softmax(logits);
    const kept = new Set();
    let before = 0;
    for (const i of order) {
      if (before >= p) break;
      kept.add(i);
      before += probabilities[i];
    }
    return keep(logits, kept);
  }

  // The probabilities of the draw: after temperature, top-k and top-p; k = 0 keeps all.
  function distribution(logits, temperature, k, p) {
    const order = byScore(logits);
    if (temperature === 0) return softmax(keep(logits, new Set(order.slice(0, 1))));
    let scores = logits.map((logit) => logit / temperature);
    if (k > 0) scores = keep(scores, new Set(order.slice(0, k)));
    if (p < 1) scores = keepTopP(scores, order, p);
    return softmax(scores);
  }

  const entropy = (probabilities) =>
    probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function dial(label, properties, changed) {
    const input = element("input", { type: "range", ...properties });
    input.value = properties.value;
    const value = element("output", {});
    input.addEventListener("input", changed);
    return { input, value, row: element("label", { className: "dial" }, label, input, value) };
  }

  function tokenizer(place, { merges, text }) {
    const ranks = ranksOf(merges);
    const typed = element("textarea", { value: text, rows: 2, maxLength: 300 });
    const slider = dial("merges applied", { min: 0, max: 0, value: 0 }, () => draw());
    const move = (by) => () => {
      slider.input.value = Number(slider.input.value) + by;
      draw();
    };
    const back = element("button", { type: "button", textContent: "back", onclick: move(-1) });
    const next = element("button", { type: "button", textContent: "next", onclick: move(1) });
    const said = element("p", { role: "status" });
    const chips = element("ol", { className: "chips" });
    let all = [];

    function chip(id) {
      const made = element("li", {}, shown(bytesOf(id, merges)), element("small", {}, `${id}`));
      made.style.setProperty("--hue", (id * 137) % 360);
      return made;
    }

    function draw() {
      const at = Number(slider.input.value);
      const { rank, ids } = all[at];
      const bytes = all[0].ids.length;
      const pair = (rank === null ? [] : merges[rank]).map((id) => shown(bytesOf(id, merges)));
      const last = rank === null ? "" : ` Last: ${pair.join(" + ")} is ${256 + rank}.`;
      const ratio = ids.length ? (bytes / ids.length).toFixed(2) : "0";
      said.textContent = `${bytes} bytes, ${ids.length} tokens, ${ratio} bytes a token.${last}`;
      slider.value.textContent = `${at} of ${all.length - 1}`;
      chips.replaceChildren(...ids.map(chip));
      back.disabled = at === 0;
      next.disabled = at === all.length - 1;
    }

    function read() {
      all = steps(typed.value, merges, ranks);
      // The maximum first: a value beyond it would be cut down.
      slider.input.max = all.length - 1;
      slider.input.value = all.length - 1;
      draw();
    }

    typed.addEventListener("input", read);
    place.append(element("label", {}, "text", typed), slider.row, back, next, said, chips);
    read();
  }

  function sampling(place, { tokens, logits }) {
    const order = byScore(logits).slice(0, 14);
    const before = softmax(logits);
    const heat = dial("temperature", { min: 0, max: 2, step: 0.05, value: 1 }, () => draw());
    const k = dial("top-k", { min: 0, max: 40, value: 0 }, () => draw());
    const p = dial("top-p", { min: 0.05, max: 1, step: 0.01, value: 1 }, () => draw());
    const said = element("p", { role: "status" });
    const bars = element("ol", { className: "bars" });

    function bar(i, after) {
      const both = element("span", { className: "pair" }, element("i", {}), element("b", {}));
      both.children[0].style.width = `${100 * before[i]}%`;
      both.children[1].style.width = `${100 * after[i]}%`;
      const numbers = `${(100 * before[i]).toFixed(1)} → ${(100 * after[i]).toFixed(1)} %`;
      return element("li", {}, element("code", {}, tokens[i]), both, element("small", {}, numbers));
    }

    function draw() {
      const [t, count, mass] = [heat, k, p].map((each) => Number(each.input.value));
      const after = distribution(logits, t, count, mass);
      const uncut = distribution(logits, t, 0, 1);
      const cut = uncut.reduce((sum, q, i) => (after[i] === 0 ? sum + q : sum), 0);
      const kept = after.filter((q) => q > 0).length;
      const bits = [before, after].map((each) => entropy(each).toFixed(2));
      heat.value.textContent = t.toFixed(2);
      k.value.textContent = count || "all";
      p.value.textContent = mass.toFixed(2);
      said.textContent =
        `${kept} of ${logits.length} tokens kept, ${(100 * cut).toFixed(1)} % cut; ` +
        `entropy ${bits[0]} → ${bits[1]} bits.`;
      bars.replaceChildren(...order.map((i) => bar(i, after)));
    }

    place.append(heat.row, k.row, p.row, said, bars);
    draw();
  }

  function drawing(name, attributes, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // Where a run's moments stand on the paper: steps by their logarithm, losses from 0 up.
  function chart(moments) {
    const [width, height, left, bottom] = [480, 230, 42, 38];
    const highest = Math.max(...moments.map((moment) => moment.loss)) * 1.05;
    const last = Math.log(moments.at(-1).step + 1);
    const x = (step) => left + (Math.log(step + 1) / last) * (width - left - 12);
    const y = (loss) => (height - bottom) * (1 - loss / highest);
    return { width, height, left, bottom, highest, x, y };
  }

  function grid({ left, width, height, bottom, highest, x, y }, moments, floor) {
    const across = (loss, kind) =>
      drawing("line", { class: kind, x1: left, x2: width - 12, y1: y(loss), y2: y(loss) });
    const text = (at, words, anchor) => drawing("text", { ...at, "text-anchor": anchor }, words);
    const parts = [];
    for (let loss = 0; loss < highest; loss += highest > 4 ? 2 : 1) {
      parts.push(across(loss, "grid"), text({ x: left - 6, y: y(loss) + 5 }, `${loss}`, "end"));
    }
    for (let step = 1; step <= moments.at(-1).step; step *= 10)
      parts.push(text({ x: x(step), y: height - bottom + 16 }, `${step}`, "middle"));
    const middle = (left + width) / 2;
    parts.push(text({ x: middle, y: height - 4 }, "training steps, logarithmic", "middle"));
    parts.push(across(floor, "floor"), text({ x: left + 6, y: y(floor) - 5 }, "floor", "start"));
    return parts;
  }

  const nearest = (numbers, number) =>
    numbers.reduce(
      (best, each, i) => (Math.abs(each - number) < Math.abs(numbers[best] - number) ? i : best),
      0,
    );

  // The loss of a run, and what its model writes at each of its moments.
  function curve(place, { moments, floor, unit, kinds }) {
    const paper = chart(moments);
    const at = moments.map(({ step, loss }) => [paper.x(step), paper.y(loss)]);
    const mark = drawing("line", { class: "mark", y1: 0, y2: paper.height - paper.bottom });
    const dot = drawing("circle", { r: 6 });
    const line = drawing("polyline", { points: at.map((point) => point.join()).join(" ") });
    const name = `The loss of a run in ${unit}, falling over its steps towards a floor.`;
    const frame = { viewBox: `0 0 ${paper.width} ${paper.height}`, role: "img", class: "curve" };
    const lines = [...grid(paper, moments, floor), line, mark, dot];
    const svg = drawing("svg", { ...frame, "aria-label": name }, ...lines);
    const latest = moments.length - 1;
    const slider = dial("moment", { min: 0, max: latest, value: latest }, () => draw());
    const said = element("p", { role: "status" });
    const bars = element("ol", { className: "bars" });
    const samples = element("ol", { className: "samples" });
    const dearest = Math.max(...moments.flatMap((moment) => moment.kinds));

    function bar(kind, nats) {
      const length = element("span", { className: "pair" }, element("b", {}));
      length.firstChild.style.width = `${(100 * nats) / dearest}%`;
      return element("li", {}, element("span", {}, kind), length, `${nats.toFixed(2)} nats`);
    }

    function draw() {
      const { step, tokens, loss, kinds: nats, texts } = moments[slider.input.value];
      const [x, y] = at[slider.input.value];
      mark.setAttribute("x1", x);
      mark.setAttribute("x2", x);
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", y);
      slider.value.textContent = `step ${step}`;
      said.textContent =
        `${tokens.toLocaleString("en")} tokens read, ${loss.toFixed(2)} ${unit}; ` +
        `the floor is ${floor.toFixed(2)}.`;
      bars.replaceChildren(...kinds.map((kind, i) => bar(kind, nats[i])));
      const quote = ([prompt, text]) => element("li", {}, element("b", {}, prompt), text);
      samples.replaceChildren(...texts.map(quote));
    }

    function drag(event) {
      if (event.type === "pointermove" && event.buttons === 0) return;
      const { left, width } = svg.getBoundingClientRect();
      const x = ((event.clientX - left) / width) * paper.width;
      slider.input.value = nearest(at.map((point) => point[0]), x);
      draw();
    }

    for (const type of ["pointerdown", "pointermove"]) svg.addEventListener(type, drag);
    place.append(svg, slider.row, said, bars, samples);
    draw();
  }

  // Which tokens of a row each of its tokens looks at, head by head.
  function attention(place, { tokens, heads }) {
    const options = heads.map(({ name }) => element("option", { textContent: name }));
    const head = element("select", { oninput: () => draw() }, ...options);
    const last = tokens.length - 1;
    const slider = dial("token", { min: 0, max: last, value: last }, () => draw());
    const said = element("p", { role: "status" });
    const chips = tokens.map((token) => element("li", {}, token, element("small", {})));
    const percent = (share) => `${Math.round(100 * share)} %`;

    function look(at) {
      slider.input.value = at;
      draw();
    }

    function draw() {
      const at = Number(slider.input.value);
      const shares = heads[head.selectedIndex].shares[at];
      chips.forEach((chip, i) => {
        const share = shares[i] ?? 0;
        chip.style.setProperty("--share", share);
        chip.lastChild.textContent = i > at ? "unseen" : percent(share);
        chip.classList.toggle("looks", i === at);
      });
      const most = byScore(shares).slice(0, 3).filter((i) => shares[i] >= 0.01);
      const found = most.map((i) => `${tokens[i]} (${i + 1}) ${percent(shares[i])}`);
      slider.value.textContent = `${at + 1} of ${tokens.length}`;
      said.textContent = `${tokens[at]} (${at + 1}) looks at: ${found.join(", ")}.`;
    }

    for (const [i, chip] of chips.entries())
      for (const type of ["pointerenter", "click"]) chip.addEventListener(type, () => look(i));
    const row = element("ol", { className: "chips shares" }, ...chips);
    place.append(element("label", {}, "head ", head), row, slider.row, said);
    draw();
  }

  const kinds = { tokenizer, sampling, curve, attention };

  function start() {
    for (const figure of document.querySelectorAll("figure.explore")) {
      const place = element("div", { className: "explorable" });
      const data = JSON.parse(figure.querySelector("script").textContent);
      kinds[figure.dataset.explore](place, data);
      figure.querySelector(".explore-alt").replaceWith(place);
    }
  }

  return { start, encode, distribution, entropy };
})();

document.addEventListener("DOMContentLoaded", explore.start);
