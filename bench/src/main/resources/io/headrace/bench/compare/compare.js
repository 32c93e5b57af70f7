const servers = Object.keys(data.servers);
const BEST = 3; // Digits of a ratio behind the point: more is noise.

// ---- Words and tables ------------------------------------------------------------------------------------------------

const spread = (s, form) => s.median === null ? '-' : form(s.median) + ' [' + form(s.low) + '-' + form(s.high) + ']';
const ratio = n => n.toFixed(BEST);
const breakable = name => name.replaceAll(':', ':\u200b'); // On a phone a name may go on in the next line.
const percent = share => (share * 100).toFixed(0) + ' %';

function head() {
  add(page, 'h1', {}, servers.join(', '));
  add(page, 'p', { class: 'dim' }, 'Ratios are to ' + servers[0] + ', made within each round: median [quartiles].');
  for (const gate of data.gates) said(gate.met ? 'good' : 'bad', gate.met ? 'Met' : 'Broken', ': ' + gate.gate + ', it is ' + (gate.value === null ? 'unknown' : ratio(gate.value)));
  for (const note of data.notes) {
    const loud = note.match(/^([A-Z]{3,}[A-Z ]*[A-Z])(?= in |:)/);
    if (loud) said('bad', loud[1][0] + loud[1].slice(1).toLowerCase(), note.slice(loud[1].length));
    else add(page, 'p', { class: 'dim' }, note);
  }
}

// Ours say 'ready: NAME (VERSION) on TRANSPORT, N loops OPTIONS: TARGETS', others what they like.
function who() {
  const section = add(page, 'section');
  add(section, 'h2', {}, 'Servers');
  table(section, ['', { text: 'version' }, { text: 'on' }], Object.entries(data.servers).map(([name, words]) => {
    const ours = words.match(/^ready: \S+ \((.*)\) on (.+? loops?.*?): \w+=/);
    return [breakable(name), ...(ours ? [{ text: ours[1] }, { text: ours[2] }] : [{ text: 'it says: ' + words, span: 2 }])];
  }));
}

function figures(parent, rows) {
  const percentiles = ['p50', 'p90', 'p99', 'p99.9'];
  table(parent, ['', 'CPU/operation', 'ratio', 'operations/s', 'ratio', ...percentiles, 'errors', 'generator'], rows.map(row => row.failure !== null
    ? [breakable(row.server), { text: 'FAILED: ' + row.failure, span: 10, kind: 'bad' }]
    : [breakable(row.server), row.cpu_ns_per_operation.median === null ? '-' : time(row.cpu_ns_per_operation.median), spread(row.cpu_ratio, ratio), number(Math.round(row.per_s.median)),
      spread(row.per_s_ratio, ratio), ...percentiles.map(p => time(row[p + '_ns'])), number(row.errors), percent(row.generator_busy)]));
}

// ---- Charts ----------------------------------------------------------------------------------------------------------

const SIDE = 14, ROW = 46, AXIS = 30;

function bounds(values) {
  const low = Math.min(...values), high = Math.max(...values), room = Math.max(.02, (high - low) * .06);
  const from = Math.max(0, low - room), to = high + room;
  const step = [.01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 50, 100].find(s => (to - from) / s <= 6) || 1000;
  const ticks = [];
  for (let t = Math.ceil(from / step) * step; t <= to + 1e-9; t += step) ticks.push(t);
  return { ticks, step, at: v => SIDE + (v - from) / (to - from) * (W - 2 * SIDE) };
}

// A row for each server: a dot for each round, a bar from quartile to quartile, a line at the median.
function ratios(parent, name, rows, key, of, gates) {
  const shown = rows.map((row, i) => [row, i, row.rounds.map((round, r) => of(round) / of(rows[0].rounds[r])).filter(Number.isFinite)])
    .filter(([row, , rounds]) => row[key].median !== null && rounds.length);
  if (!shown.length) return;
  const x = bounds([1, ...gates.map(gate => gate.bound), ...shown.flatMap(([, , rounds]) => rounds)]);
  const height = shown.length * ROW + AXIS;
  const section = add(parent, 'section');
  add(section, 'h2', {}, name);
  const svg = add(section, 'svg', { viewBox: `0 0 ${W} ${height}`, role: 'img', 'aria-label': name });
  for (const value of x.ticks) {
    const one = Math.abs(value - 1) < 1e-9;
    add(svg, 'line', { x1: x.at(value), x2: x.at(value), y1: 0, y2: height - AXIS, stroke: one ? 'var(--dim)' : 'var(--line)' });
    add(svg, 'text', { x: x.at(value), y: height - AXIS + 18, 'text-anchor': 'middle' }, value.toFixed(x.step < .1 ? 2 : x.step < 1 ? 1 : 0));
  }
  shown.forEach(([row, i, rounds], place) => {
    const top = place * ROW, middle = top + 32;
    add(svg, 'text', { x: SIDE, y: top + 15, class: 'name' }, row.server);
    add(svg, 'text', { x: W - SIDE, y: top + 15, 'text-anchor': 'end' }, spread(row[key], ratio));
    const low = x.at(row[key].low), high = x.at(row[key].high);
    add(svg, 'rect', { x: low, y: middle - 7, width: Math.max(1, high - low), height: 14, fill: color(i), 'fill-opacity': .35 });
    for (const value of rounds) add(add(svg, 'circle', { cx: x.at(value), cy: middle, r: 3, fill: color(i), 'fill-opacity': .9 }), 'title', {}, ratio(value));
    add(svg, 'line', { x1: x.at(row[key].median), x2: x.at(row[key].median), y1: middle - 10, y2: middle + 10, stroke: 'var(--ink)', 'stroke-width': 2 });
    for (const gate of gates.filter(gate => gate.server === row.server)) {
      add(svg, 'line', { x1: x.at(gate.bound), x2: x.at(gate.bound), y1: middle - 12, y2: middle + 12, stroke: gate.met ? 'var(--good)' : 'var(--bad)', 'stroke-width': 2, 'stroke-dasharray': '4 3' });
    }
  });
  const key_ = add(section, 'div', { class: 'key' });
  add(key_, 'span', { class: 'dim' }, 'dot: a round; bar: quartiles; line: median' + (gates.length ? '; dashed: gate' : ''));
}

// ---- The page --------------------------------------------------------------------------------------------------------

head();
who();
for (const [workload, rows] of Object.entries(data.workloads)) {
  const section = add(page, 'section');
  add(section, 'h2', {}, data.headings[workload]);
  figures(section, rows);
  const charts = add(page, 'div', { class: 'charts' });
  ratios(charts, workload + ': CPU per operation, as a ratio', rows, 'cpu_ratio', round => round.failure === null ? round.cpu_ns_per_operation : null,
    data.gates.filter(gate => gate.workload === workload));
  ratios(charts, workload + ': operations a second, as a ratio', rows, 'per_s_ratio', round => round.failure === null ? round.per_s : null, []);
}
ranOn('What it ran on', data.about);
raw('Every round, as JSON');
