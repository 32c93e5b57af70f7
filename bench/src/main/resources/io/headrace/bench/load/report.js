const runs = data;
const title = (run, i) => (runs.length > 1 ? (i + 1) + ': ' : '') + run.about.mode + (run.about.rate ? ' ' + run.about.rate + '/s' : '');

// ---- Words and tables ------------------------------------------------------------------------------------------------

function head(run, i) {
  add(page, 'h1', { style: runs.length > 1 ? 'color:' + color(i) : '' }, title(run, i) + ', ' + run.about.targets.join(' '));
  add(page, 'p', { class: 'dim' }, run.started.replace('T', ' ').slice(0, 19) + ' UTC, ' + several(run.about.connections, 'connection') + ', '
    + several(run.about.threads, 'thread') + ', ' + time(run.measured_ns) + ' after ' + run.about.warmup + ' of warm-up'
    + (run.about.shard === '1/1' ? '' : ', shard ' + run.about.shard));
  for (const reason of run.generator_limited) said('bad', 'Generator limited', ', so these numbers say nothing about the server: ' + reason);
  if (run.interrupted) said('bad', 'Interrupted', ': this is what was measured until then.');
  if (run.total.errors.length) said('bad', run.total.counts.answered ? 'Errors' : 'Nothing was answered', ': ' + run.total.errors.map(e => number(e.count) + ' ' + e.kind).join(', '));
  if (run.about.find) said(run.about.find.highest === 'none' ? 'bad' : 'good', 'Highest rate that keeps the gates', ': ' + run.about.find.highest + ', limited by ' + run.about.find.limited_by);
  for (const gate of run.gates) said(gate.met ? 'good' : 'bad', gate.met ? 'Met' : 'Broken', ': ' + gate.gate + ', it is ' + gate.value);
}

function numbers() {
  const section = add(page, 'section');
  add(section, 'h2', {}, 'Latency');
  const rows = [];
  runs.forEach((run, i) => {
    for (const [name, h] of Object.entries(run.total.histograms)) {
      rows.push([(runs.length > 1 ? i + 1 + ': ' : '') + name.replace('_', ' '), ...['p50', 'p90', 'p99', 'p99.9', 'max', 'mean'].map(p => time(h[p + '_ns'])),
        number(h.count)]);
    }
  });
  table(section, ['', 'p50', 'p90', 'p99', 'p99.9', 'max', 'mean', 'count'], rows);
}

function counts() {
  const section = add(page, 'section');
  add(section, 'h2', {}, 'Requests');
  const names = [...new Set(runs.flatMap(run => Object.keys(run.total.counts)))]
    .filter(name => runs.some(run => run.total.counts[name] > 0));
  const rows = names.map(name => [name.replaceAll('_', ' '), ...runs.map(run => number(run.total.counts[name] || 0))]);
  rows.push(['answered a second', ...runs.map(run => number(run.answered_per_s) + (run.about.rate ? ' of ' + run.about.rate : ''))]);
  rows.push(['busiest loop', ...runs.map(run => (run.pace.busy * 100).toFixed(0) + ' % of a core')]);
  const cost = run => run.pace.cpu_ns && run.total.counts.sent ? time(run.pace.cpu_ns / run.total.counts.sent) : '';
  if (runs.some(cost)) rows.push(['processor time for a request', ...runs.map(cost)]);
  table(section, ['', ...runs.map(title)], rows);
  const errors = runs.flatMap((run, i) => run.total.errors.map(e => [(runs.length > 1 ? i + 1 + ': ' : '') + e.kind, number(e.count), { text: e.sample }]));
  if (errors.length > 0) {
    const failed = add(page, 'section');
    add(failed, 'h2', {}, 'Errors');
    table(failed, ['kind', 'count', { text: 'the first one' }], errors);
  }
}

function steps(run, i) {
  if (!run.about.find) return;
  const section = add(page, 'section');
  add(section, 'h2', {}, 'Steps' + (runs.length > 1 ? ', run ' + (i + 1) : ''));
  table(section, ['rate', { text: '' }],
    run.about.find.steps.map(step => [number(+step.rate) + '/s', { text: step.held ? 'held' : 'did not hold: ' + step.obstacle }]));
}

// ---- Charts ----------------------------------------------------------------------------------------------------------

const H = 280, LEFT = 66, RIGHT = 12, TOP = 10, BOTTOM = 36;

function chart(parent, name, x, y) {
  const section = add(parent, 'section');
  add(section, 'h2', {}, name);
  const svg = add(section, 'svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': name });
  for (const [value, label] of y.ticks) {
    const at = y.at(value);
    add(svg, 'line', { x1: LEFT, x2: W - RIGHT, y1: at, y2: at, stroke: 'var(--line)' });
    add(svg, 'text', { x: LEFT - 6, y: at + 4, 'text-anchor': 'end' }, label);
  }
  let free = 0;
  for (const [value, label] of x.ticks) {
    const half = label.length * 3.4, middle = Math.min(x.at(value), W - half);
    if (middle - half < free) continue;
    free = middle + half + 8;
    add(svg, 'line', { x1: x.at(value), x2: x.at(value), y1: H - BOTTOM, y2: H - BOTTOM + 4, stroke: 'var(--dim)' });
    add(svg, 'text', { x: middle, y: H - BOTTOM + 18, 'text-anchor': 'middle' }, label);
  }
  return { section, svg, key: add(section, 'div', { class: 'key' }) };
}

function line(c, points, stroke, dash, label) {
  const d = points.map((p, i) => (i ? 'L' : 'M') + p[0].toFixed(1) + ' ' + p[1].toFixed(1)).join('');
  add(c.svg, 'path', { d, fill: 'none', stroke, 'stroke-width': 1.8, 'stroke-dasharray': dash ? '5 4' : 'none', 'stroke-linejoin': 'round' });
  for (const p of points.length < 40 ? points : []) add(c.svg, 'circle', { cx: p[0], cy: p[1], r: 2.2, fill: stroke });
  const span = add(c.key, 'span');
  add(span, 'i', dash ? { class: 'dash', style: 'color:' + stroke } : { style: 'background:' + stroke });
  span.append(label);
}

const acrossX = share => LEFT + share * (W - LEFT - RIGHT);
const upY = share => H - BOTTOM - share * (H - TOP - BOTTOM);

function logNs(values) {
  const good = values.filter(v => v > 0);
  const low = Math.floor(Math.log10(Math.min(...good, 1e15))), high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...good, 1))));
  const ticks = [];
  for (let e = low; e <= high; e++) ticks.push([10 ** e, tick(10 ** e)]);
  return { ticks, at: v => upY((Math.log10(Math.max(v, 10 ** low)) - low) / (high - low)) };
}

function round(most) {
  const step = 10 ** Math.floor(Math.log10(most || 1));
  return Math.ceil((most || 1) / step) * step;
}

function linear(most, label) {
  const top = round(most);
  return { ticks: [0, .25, .5, .75, 1].map(s => [s * top, label(s * top)]), at: v => upY(v / top) };
}

function seconds() {
  const all = runs.flatMap(run => run.intervals);
  const from = Math.min(0, ...all.map(i => i.from_ns)) / 1e9, to = Math.max(...all.map(i => i.from_ns + i.length_ns)) / 1e9;
  const steps = [.1, .2, .5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600, 7200];
  const step = steps.find(s => (to - from) / s <= 9) || 14400;
  const ticks = [];
  for (let t = Math.ceil(from / step) * step; t <= to + 1e-9; t += step) ticks.push([t, +t.toFixed(1) + ' s']);
  return { from, to, ticks, at: s => acrossX((s - from) / (to - from)) };
}

function warmUp(c, x) {
  if (x.from >= 0) return;
  const band = add(c.svg, 'rect', { x: x.at(x.from), y: TOP, width: x.at(0) - x.at(x.from), height: H - TOP - BOTTOM, fill: 'var(--warm)' });
  c.svg.prepend(band);
  add(c.key, 'span', { class: 'dim' }, 'shaded: warm-up');
}

const middle = i => (i.from_ns + i.length_ns / 2) / 1e9;

function spectrum(parent) {
  // The distance to 100 %, by powers of ten: 50, 90, 99, 99.9 and so on at equal steps.
  const most = Math.max(1, ...runs.flatMap(run => Object.values(run.total.histograms).map(h => Math.log10(h.count || 1))));
  const depth = Math.min(7, Math.ceil(most));
  const x = { at: p => acrossX(Math.min(1, -Math.log10(Math.max(1 - p / 100, 10 ** -depth)) / depth)), ticks: [] };
  for (const p of [0, 50, 90, 99, 99.9, 99.99, 99.999, 99.9999]) if (-Math.log10(1 - p / 100) <= depth + .01) x.ticks.push([p, p + ' %']);
  const lines = [];
  runs.forEach((run, i) => ['response', 'service'].forEach(name => {
    const h = run.total.histograms[name];
    if (h) lines.push([h, color(i), name === 'service', (runs.length > 1 ? i + 1 + ': ' : '') + name]);
  }));
  const y = logNs(lines.flatMap(([h]) => h.spectrum.map(s => s[1])));
  const c = chart(parent, 'Percentiles', x, y);
  for (const [h, stroke, dash, label] of lines) line(c, h.spectrum.map(([p, ns]) => [x.at(p), y.at(ns)]), stroke, dash, label);
}

function overTime(parent) {
  const x = seconds(), wanted = runs.length > 1 ? ['p50', 'p99'] : ['p50', 'p90', 'p99', 'max'];
  const lines = [];
  runs.forEach((run, i) => wanted.forEach((p, j) => {
    const points = run.intervals.filter(v => v.histograms.response).map(v => [middle(v), v.histograms.response[p + '_ns']]);
    if (points.length) lines.push([points, runs.length > 1 ? color(i) : color(j), runs.length > 1 && j === 0, (runs.length > 1 ? i + 1 + ': ' : '') + p]);
  }));
  const y = logNs(lines.flatMap(l => l[0].map(p => p[1])));
  const c = chart(parent, 'Response over time', x, y);
  for (const [points, stroke, dash, label] of lines) line(c, points.map(p => [x.at(p[0]), y.at(p[1])]), stroke, dash, label);
  warmUp(c, x);
}

function rates(parent) {
  const x = seconds(), per = (v, n) => v * 1e9 / n.length_ns;
  const all = runs.flatMap(run => [...run.intervals.map(v => per(v.counts.answered, v)), ...(run.target || []).map(p => p[1])]);
  const y = linear(Math.max(...all), v => number(v));
  const c = chart(parent, 'Requests a second', x, y);
  runs.forEach((run, i) => {
    const name = runs.length > 1 ? i + 1 + ': ' : '';
    line(c, run.intervals.map(v => [x.at(middle(v)), y.at(per(v.counts.answered, v))]), color(i), false, name + 'answered');
    if (run.target) line(c, run.target.map(([s, r]) => [x.at(s), y.at(r)]), color(i), true, name + 'target');
  });
  warmUp(c, x);
}

function errorsOverTime(parent) {
  const x = seconds(), all = v => v.errors.reduce((sum, e) => sum + e.count, 0);
  if (!runs.some(run => run.intervals.some(v => all(v) > 0))) return;
  const kinds = [...new Set(runs.flatMap(run => run.total.errors.map(e => e.kind)))];
  const y = linear(Math.max(...runs.flatMap(run => run.intervals.map(all))), v => number(v));
  const c = chart(parent, 'Errors an interval', x, y);
  runs.forEach((run, i) => kinds.filter(kind => run.total.errors.some(e => e.kind === kind)).forEach((kind, j) => {
    const points = run.intervals.map(v => [x.at(middle(v)), y.at((v.errors.find(e => e.kind === kind) || { count: 0 }).count)]);
    line(c, points, color(i * kinds.length + j), false, (runs.length > 1 ? i + 1 + ': ' : '') + kind);
  }));
  warmUp(c, x);
}

function heat(parent, run, i) {
  const cells = run.intervals.flatMap(v => v.heat ? v.heat.map(([ns, count]) => [v, ns, count]) : []);
  if (!cells.length) return;
  const x = seconds(), y = logNs(cells.map(c => c[1])), most = Math.max(...cells.map(c => c[2]));
  const c = chart(parent, 'Heat map of responses' + (runs.length > 1 ? ', run ' + (i + 1) : ''), x, y);
  for (const [v, ns, count] of cells) {
    // Each cell is a tenth of a power of ten high.
    const top = y.at(ns * 10 ** .1), left = x.at(v.from_ns / 1e9);
    const cell = add(c.svg, 'rect', { x: left, y: top, width: Math.max(1, x.at((v.from_ns + v.length_ns) / 1e9) - left), height: Math.max(1, y.at(ns) - top),
      fill: color(i), 'fill-opacity': (.08 + .92 * Math.log1p(count) / Math.log1p(most)).toFixed(2) });
    add(cell, 'title', {}, number(count) + ' from ' + time(ns));
  }
  add(c.key, 'span', { class: 'dim' }, 'the darker, the more; at most ' + number(most) + ' a cell');
}

// ---- The page --------------------------------------------------------------------------------------------------------

runs.forEach(head);
if (runs.some(run => Object.keys(run.total.histograms).length)) numbers();
const charts = add(page, 'div', { class: 'charts' });
if (runs.some(run => run.total.histograms.response)) spectrum(charts);
if (runs.some(run => run.intervals.length)) {
  if (runs.some(run => run.intervals.some(v => v.histograms.response))) overTime(charts);
  rates(charts);
  errorsOverTime(charts);
  runs.forEach((run, i) => heat(charts, run, i));
}
counts();
runs.forEach(steps);
runs.forEach((run, i) => ranOn('What it ran on' + (runs.length > 1 ? ', run ' + (i + 1) : ''), { ...run.about, find: null }));
raw('The raw reports, as JSON');
