"use strict";
(() => {
  // Light and dark: what the system says, until the button is pressed.
  const root = document.documentElement, theme = document.getElementById("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const told = () => theme.setAttribute("aria-pressed", String(dark()));
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; told(); document.dispatchEvent(new Event("repaint")); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { told(); document.dispatchEvent(new Event("repaint")); });
  told();

  // Tables sort by the column that is pressed; what is no number comes last.
  for (const button of document.querySelectorAll("table.sorts th button")) {
    button.addEventListener("click", () => {
      const th = button.parentElement, row = th.parentElement, body = row.parentElement.nextElementSibling;
      const at = [...row.children].indexOf(th), up = th.getAttribute("aria-sort") !== "ascending";
      for (const other of row.children) other.setAttribute("aria-sort", "none");
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      const number = th.classList.contains("n"), sign = up ? 1 : -1;
      const key = (tr) => {
        const cell = tr.children[at];
        if (!number) return cell.textContent;
        return cell.dataset.x === "" ? null : Number(cell.dataset.x);
      };
      const rows = [...body.children].map((tr) => [key(tr), tr]);
      rows.sort(([a], [b]) => {
        if (a === null || b === null) return (a === null) - (b === null);
        return sign * (number ? a - b : a.localeCompare(b, undefined, { numeric: true }));
      });
      body.append(...rows.map(([, tr]) => tr));
    });
  }
  // Everything is printed.
  let closed = [];
  addEventListener("beforeprint", () => { closed = [...document.querySelectorAll("details:not([open])")]; for (const d of closed) d.open = true; });
  addEventListener("afterprint", () => { for (const d of closed) d.open = false; });

  const source = document.getElementById("replay-data");
  if (!source) return;
  const data = JSON.parse(source.textContent);
  const slider = document.getElementById("day"), play = document.getElementById("play"), speed = document.getElementById("speed");
  const date = document.getElementById("date"), spoken = document.getElementById("spoken");
  const maps = [...document.querySelectorAll(".maps canvas")], lines = [...document.querySelectorAll(".now")];
  const size = data.townships.length > 1 ? 3.4 : 5, SIZE = 640, C = SIZE / 2, SESSION = 10, ENDED = 20, LINGER = 10;

  // Places: townships on a ring around the seat, villages in rings around their township.
  // Where only one township is drawn it has the page to itself, and the seat lies below it.
  const T = data.townships.length, ring = T > 1 ? 205 : 85, seat = [C, T > 1 ? C : 575];
  const towns = data.townships.map((_, i) => { const a = 2 * Math.PI * i / T - Math.PI / 2; return [C + ring * Math.cos(a), C + ring * Math.sin(a)]; });
  const count = towns.map(() => 0), total = towns.map(() => 0);
  for (const t of data.villages) total[t] += 1;
  const reach = T > 1 ? Math.min(92, 0.82 * ring * Math.sin(Math.PI / T) + 8) : 205;
  const villages = data.villages.map((t) => {
    const k = count[t]++, n = total[t], a = 2 * Math.PI * k / n, r = n > 14 && k % 2 ? 0.66 * reach : reach;
    return [towns[t][0] + r * Math.cos(a), towns[t][1] + r * Math.sin(a), t];
  });
  // Where a state is drawn: 0 village, 1 township, 2 county, 3 court.
  const LEVEL = [0, 0, 1, 1, 2, 2, 3, 3, 2], NAMES = ["village", "township", "county", "court"];
  const spread = (i) => { const a = i * 2.399963, r = 2.6 * Math.sqrt(i); return [r * Math.cos(a), r * Math.sin(a)]; };
  const anchor = (level, village) => {
    if (level === 0) return villages[village];
    if (level === 1) return towns[villages[village][2]];
    return level === 2 ? [seat[0] - 34, seat[1]] : [seat[0] + 34, seat[1]];
  };

  const stateAt = (d, day) => {  // index of the last step up to the day, or -1
    let found = -1;
    for (let i = 1; i < d.length && d[i] <= day; i += 2) found = i;
    return found;
  };
  const shape = (g, level, x, y, s, filled) => {
    g.beginPath();
    if (level === 0) g.arc(x, y, s, 0, 7);
    else if (level === 1) g.rect(x - s, y - s, 2 * s, 2 * s);
    else if (level === 2) { g.moveTo(x, y - 1.3 * s); g.lineTo(x + 1.3 * s, y); g.lineTo(x, y + 1.3 * s); g.lineTo(x - 1.3 * s, y); g.closePath(); }
    else { g.moveTo(x, y - 1.3 * s); g.lineTo(x + 1.2 * s, y + s); g.lineTo(x - 1.2 * s, y + s); g.closePath(); }
    if (filled) g.fill(); else g.stroke();
  };
  const draw = (canvas, course, day) => {
    const style = getComputedStyle(root), ink = style.getPropertyValue("--soft"), line = style.getPropertyValue("--line");
    const colour = NAMES.map((n) => style.getPropertyValue(`--${n}`)), done = style.getPropertyValue("--done");
    const scale = Math.max(1, Math.min(2, devicePixelRatio || 1));
    if (canvas.width !== SIZE * scale) canvas.width = canvas.height = SIZE * scale;
    const g = canvas.getContext("2d");
    g.setTransform(scale, 0, 0, scale, 0, 0); g.clearRect(0, 0, SIZE, SIZE);
    g.strokeStyle = line; g.lineWidth = 1; g.beginPath();
    for (const [x, y] of towns) { g.moveTo(...seat); g.lineTo(x, y); }
    for (const [x, y, t] of villages) { g.moveTo(towns[t][0], towns[t][1]); g.lineTo(x, y); }
    g.stroke(); g.fillStyle = line;
    for (const [x, y] of villages) { g.beginPath(); g.arc(x, y, 2, 0, 7); g.fill(); }
    g.font = "13px system-ui, sans-serif"; g.fillStyle = ink; g.textAlign = "center";
    towns.forEach(([x, y], i) => g.fillText(`${canvas.dataset.township} ${data.townships[i] + 1}`, x, y - 16));
    g.fillText(canvas.dataset.seat, seat[0], seat[1] - 30);
    const tally = { open: 0, village: 0, township: 0, county: 0, court: 0, settled: 0, judged: 0, other: 0 };
    const placed = new Map();
    for (const d of course.disputes) {
      const at = stateAt(d, day);
      if (at < 0) continue;
      const state = d[at + 1];
      if (state >= ENDED) {
        const end = state - ENDED;
        tally[end === 1 ? "settled" : end === 2 || end === 3 ? "judged" : "other"] += 1;
        if (day - d[at] >= LINGER) continue;
      } else { tally.open += 1; tally[NAMES[LEVEL[state % SESSION]]] += 1; }
      const where = state >= ENDED ? LEVEL[at > 2 ? d[at - 1] % SESSION : 0] : LEVEL[state % SESSION];
      const key = where === 0 ? `v${d[0]}` : where === 1 ? `t${villages[d[0]][2]}` : `s${where}`;
      const i = placed.get(key) || 0; placed.set(key, i + 1);
      const [dx, dy] = spread(i), [ax, ay] = anchor(where, d[0]), x = ax + dx * size / 2, y = ay + dy * size / 2;
      g.lineWidth = 1.5;
      if (state >= ENDED) {
        g.globalAlpha = 1 - (day - d[at]) / (LINGER + 2); g.strokeStyle = done; g.beginPath();
        g.moveTo(x - 3, y - 3); g.lineTo(x + 3, y + 3); g.moveTo(x + 3, y - 3); g.lineTo(x - 3, y + 3); g.stroke(); g.globalAlpha = 1;
      } else { g.strokeStyle = g.fillStyle = colour[where]; shape(g, where, x, y, size, state >= SESSION); }
    }
    return tally;
  };
  const show = (aloud) => {
    const day = Number(slider.value);
    date.textContent = data.dates[day];
    const words = maps.map((canvas, i) => {
      const tally = draw(canvas, data.courses[i], day);
      const text = lines[i].dataset.words.replace(/\{(\w+)\}/g, (_, k) => tally[k]);
      lines[i].textContent = text;
      return lines[i].dataset.colon.replace("{name}", data.courses[i].name).replace("{text}", text);
    });
    slider.setAttribute("aria-valuetext", data.dates[day]);
    if (aloud) spoken.textContent = [data.dates[day], ...words].join(root.lang === "en" ? ". " : "。");
  };
  let timer = 0, last = 0;
  const stop = () => { cancelAnimationFrame(timer); timer = 0; play.textContent = play.dataset.play; play.setAttribute("aria-pressed", "false"); show(true); };
  const step = (now) => {
    if (now - last >= 1000 / Number(speed.value)) {
      last = now;
      if (Number(slider.value) >= Number(slider.max)) return stop();
      slider.value = Number(slider.value) + 1; show(false);
    }
    timer = requestAnimationFrame(step);
  };
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (slider.value === slider.max) slider.value = 0;
    play.textContent = play.dataset.pause; play.setAttribute("aria-pressed", "true"); last = 0; timer = requestAnimationFrame(step);
  });
  slider.addEventListener("input", () => show(!timer));
  document.addEventListener("repaint", () => show(false));
  slider.value = Math.min(Number(slider.max), 60);
  show(false);
})();
