// What the pages of an export do: steps to the next page, the search, light and dark. It asks nothing of any
// server and stores nothing; what it loads are scripts that lie beside it.
"use strict";

const tobs = (() => {
  const root = document.documentElement;
  const base = new URL(".", document.currentScript.src);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const AHEAD = 4; // pages loaded while another one is looked through
  const SHOWN = 50; // hits until somebody asks for more
  const AROUND = 60; // characters shown on each side of a hit
  const waiting = new Map();
  let listed = null;

  // The choice is kept in the name of the tab, which needs no permission and ends with the tab.
  const theme = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const chosen = /^tobs-(dark|light)$/.exec(window.name);
  if (chosen) root.dataset.theme = chosen[1];

  function load(path) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      waiting.set(path, resolve);
      script.src = new URL(path.split("/").map(encodeURIComponent).join("/") + ".js", base);
      script.onload = () => script.remove();
      script.onerror = () => { waiting.delete(path); script.remove(); reject(new Error(path)); };
      document.head.append(script);
    });
  }

  function hand(path, value) {
    const resolve = waiting.get(path);
    waiting.delete(path);
    if (resolve) resolve(value);
  }

  const listPages = () => (listed ??= load("pages"));
  const address = (page) => new URL(page.split("/").map(encodeURIComponent).join("/") + ".html", base);
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();

  // Where in a text the first of the terms stands: folding may change how many characters there are.
  function locate(text, terms) {
    let folded = "";
    const origin = [];
    let at = 0;
    for (const char of text) {
      const piece = fold(char);
      for (let n = 0; n < piece.length; n++) origin.push(at);
      folded += piece;
      at += char.length;
    }
    origin.push(at);
    const found = [];
    for (const term of terms) {
      for (let low = folded.indexOf(term); low >= 0; low = folded.indexOf(term, low + term.length)) {
        found.push([origin[low], origin[low + term.length]]);
      }
    }
    return found.sort((one, other) => one[0] - other[0]);
  }

  function excerpt(text, terms) {
    const spans = locate(text, terms);
    const first = spans.length ? spans[0][0] : 0;
    const start = Math.max(0, first - AROUND);
    const end = Math.min(text.length, first + 3 * AROUND);
    const shown = document.createElement("span");
    if (start) shown.append("…");
    let at = start;
    for (const [low, high] of spans) {
      if (low < at || high > end) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(low, high);
      shown.append(text.slice(at, low), mark);
      at = high;
    }
    shown.append(text.slice(at, end), end < text.length ? "…" : "");
    return shown;
  }

  function* look(words, terms) {
    const names = words.names.map(fold);
    for (let at = words.rows.length - 1; at >= 0; at--) {
      const [anchor, moment, name, text] = words.rows[at];
      const folded = names[name] + "\n" + fold(text);
      if (terms.every((term) => folded.includes(term))) yield { anchor, moment, name: words.names[name], text };
    }
  }

  function makeHit(page, topic, hit, terms) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const name = document.createElement("b");
    const time = document.createElement("time");
    link.href = address(page) + "#" + hit.anchor;
    name.append(hit.name);
    time.append(hit.moment);
    link.append(name, " ", time, topic ? ` · ${topic}` : "", " ", excerpt(hit.text, terms));
    item.append(link);
    return item;
  }

  function setUpSearch(form) {
    const field = form.elements.words;
    const panel = document.getElementById("results");
    const status = panel.querySelector("[role=status]");
    const list = panel.querySelector("ol");
    const more = document.getElementById("more");
    let run = 0;
    let goOn = () => {};

    async function search(query) {
      const mine = ++run;
      const terms = [...new Set(fold(query).split(/\s+/).filter(Boolean))];
      list.replaceChildren();
      more.hidden = true;
      panel.hidden = !terms.length;
      history.replaceState(terms.length ? { query } : null, "");
      if (!terms.length) return;
      status.textContent = "Searching…";
      const { topics, pages } = await listPages();
      // The newest month first, also where several topics have pages of it.
      const month = ([page]) => page.slice(page.lastIndexOf("/") + 1).slice(0, 7);
      const order = pages.map((page, at) => [month(page), at]).sort((a, b) => (a[0] < b[0] ? 1 : a[0] > b[0] ? -1 : b[1] - a[1]));
      const queue = [];
      let next = 0, found = 0, limit = SHOWN, lost = 0;
      const say = (done) => {
        const where = done < order.length ? `${done.toLocaleString("en")} of ${order.length.toLocaleString("en")} pages searched` : "all pages searched";
        status.textContent = `${found.toLocaleString("en")} found, ${where}` + (lost ? `, ${lost} could not be read` : "");
      };
      for (let done = 0; done < order.length; done++) {
        while (next < order.length && queue.length <= AHEAD) queue.push(load(pages[order[next++][1]][0]).catch(() => null));
        const words = await queue.shift();
        if (mine !== run) return;
        const [page, topic] = pages[order[done][1]];
        if (!words) lost++;
        for (const hit of words ? look(words, terms) : []) {
          if (found >= limit) {
            say(done);
            more.hidden = false;
            await new Promise((resolve) => { goOn = resolve; });
            if (mine !== run) return;
            more.hidden = true;
            limit += SHOWN;
          }
          found++;
          list.append(makeHit(page, topics.length > 1 ? topics[topic] : "", hit, terms));
        }
        say(done + 1);
      }
    }

    const close = () => { run++; panel.hidden = true; history.replaceState(null, ""); field.focus(); };
    form.hidden = false;
    form.addEventListener("submit", (event) => { event.preventDefault(); search(field.value); });
    more.addEventListener("click", () => goOn());
    document.getElementById("close").addEventListener("click", close);
    // A hit on this very page is behind the panel otherwise.
    list.addEventListener("click", (event) => { if (event.target.closest("a")) panel.hidden = true; });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) close();
      if (event.key === "/" && !event.target.closest("input")) { event.preventDefault(); field.focus(); }
    });
    // Back from a hit: the search is there again.
    if (history.state?.query) { field.value = history.state.query; search(field.value); }
  }

  function setUpTheme(button) {
    const show = () => { button.textContent = theme() === "dark" ? "Light" : "Dark"; };
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.theme = theme() === "dark" ? "light" : "dark";
      window.name = "tobs-" + root.dataset.theme;
      show();
    });
    dark.addEventListener("change", show);
    show();
  }

  // Within a month the steps are in the page; beyond it a page does not know its neighbours, which may be new.
  async function setUpSteps(page) {
    const { pages } = await listPages();
    const at = pages.findIndex((each) => each[0] === page);
    for (const link of document.querySelectorAll("a[data-step]")) {
      const step = Number(link.dataset.step);
      const other = pages[at + step];
      if (at < 0 || !other || other[1] !== pages[at][1]) continue;
      link.href = address(other[0]);
      link.textContent = step < 0 ? `← ${other[2]}` : `${other[2]} →`;
      link.hidden = false;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form[role=search]");
    const { page } = document.body.dataset;
    setUpTheme(document.getElementById("theme"));
    if (form) setUpSearch(form);
    if (page) setUpSteps(page).catch(() => {});
  });

  return {
    pages: (topics, pages) => hand("pages", { topics, pages }),
    words: (page, names, rows) => hand(page, { names, rows }),
  };
})();
