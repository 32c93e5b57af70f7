'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const colors = ['#2f6fb0', '#d1702b', '#2c8c6a', '#8a5bb5', '#b3455c', '#777'];
const page = document.getElementById('page');
page.textContent = '';

// ---- Small things ----------------------------------------------------------------------------------------------------

function add(parent, name, attributes, text) {
  const svg = name === 'svg' || parent.namespaceURI.endsWith('svg');
  const node = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const key in attributes || {}) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  parent.appendChild(node);
  return node;
}

const number = n => n.toLocaleString('en-US', { maximumFractionDigits: n < 1000 ? 1 : 0 });
const digits = n => n < 10 ? n.toFixed(2) : n < 100 ? n.toFixed(1) : n.toFixed(0);
const time = ns => ns === 0 ? '0 s' : ns < 1e6 ? digits(ns / 1e3) + ' us' : ns < 1e9 ? digits(ns / 1e6) + ' ms' : digits(ns / 1e9) + ' s';
const tick = ns => (ns >= 1e9 ? ns / 1e9 + ' s' : ns >= 1e6 ? ns / 1e6 + ' ms' : ns >= 1e3 ? ns / 1e3 + ' us' : ns + ' ns');
const several = (n, noun) => number(n) + ' ' + noun + (n === 1 ? '' : 's');
const color = i => colors[i % colors.length];

// ---- Words and tables ------------------------------------------------------------------------------------------------

function said(kind, word, rest) {
  const p = add(page, 'p', { class: 'said ' + kind });
  add(p, 'b', {}, word);
  p.append(rest);
}

// A cell is text, or an object with a text that may wrap, span columns, and be bad.
function table(parent, header, rows) {
  const t = add(add(parent, 'div', { class: 'scroll' }), 'table');
  const tr = add(add(t, 'thead'), 'tr');
  const fill = (line, name, cell) => cell && cell.text !== undefined ? add(line, name, { class: 'text ' + (cell.kind || ''), colspan: cell.span || 1 }, cell.text) : add(line, name, {}, cell);
  header.forEach(cell => fill(tr, 'th', cell));
  const body = add(t, 'tbody');
  for (const row of rows) {
    const line = add(body, 'tr');
    row.forEach(cell => fill(line, 'td', cell));
  }
}

// What it ran on, in words: a list, or names and values.
function words(value) {
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'object' ? Object.entries(value).map(([k, v]) => k.replaceAll('_', ' ') + ' ' + (typeof v === 'number' ? number(v) : v)).join(', ') : String(value);
}

function ranOn(name, about) {
  const section = add(page, 'section');
  add(section, 'h2', {}, name);
  table(section, ['', ''], Object.entries(about).filter(([, v]) => v !== null && v.length !== 0).map(([k, v]) => [k.replaceAll('_', ' '), { text: words(v) }]));
}

function raw(name) {
  const details = add(page, 'details');
  add(details, 'summary', {}, name);
  details.addEventListener('toggle', () => details.open && details.children.length < 2 && add(details, 'pre', {}, JSON.stringify(data)));
}

// ---- Charts ----------------------------------------------------------------------------------------------------------

// As wide as the window of a phone, so that its letters are as large as those around it.
const W = Math.max(320, Math.min(560, innerWidth - 32));
