'use strict';
// Turns the atoms of a slab. Lengths are in Å, angles in radians.
(() => {
  const byId = (id) => document.getElementById(id);
  const { slabs, elements, unit } = JSON.parse(byId('models').textContent);
  const canvas = byId('canvas'), pen = canvas.getContext('2d');
  const SHOWN = 9, MOST_ATOMS = 1200, MOST_BONDS = 20000, BALL = 0.55, BOND = 1.15, BAR = 5;
  let slab = slabs[0], view = slab.views[0], atoms = [], bonds = [], reach = 1;
  let turn = start(), zoom = 1, held = null;

  function start() { return multiply(about(0, -1.35), about(2, 0.35)); }

  function about(axis, angle) {
    const c = Math.cos(angle), s = Math.sin(angle);
    if (axis === 0) return [[1, 0, 0], [0, c, -s], [0, s, c]];
    if (axis === 1) return [[c, 0, s], [0, 1, 0], [-s, 0, c]];
    return [[c, -s, 0], [s, c, 0], [0, 0, 1]];
  }

  function multiply(m, n) {
    return m.map((row) => [0, 1, 2].map((k) => row.reduce((sum, x, i) => sum + x * n[i][k], 0)));
  }

  function apply(m, v) { return m.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2]); }

  function length(v) { return Math.hypot(...v); }

  // Repeat the cell along the surface, so that there is something to look at.
  function load() {
    atoms = [];
    bonds = [];
    reach = 1;
    byId('remark').textContent = view.flaw ? `Not drawn: ${view.flaw}.` : '';
    if (view.flaw) return;
    const [a, b] = view.cell.map((v) => v.map((x) => x * unit));
    const { kinds, places } = view;
    const wanted = [a, b].map((v) => Math.max(1, Math.ceil(SHOWN / length(v))));
    while (wanted[0] * wanted[1] > 1 && wanted[0] * wanted[1] * kinds.length > MOST_ATOMS) {
      wanted[wanted[0] >= wanted[1] ? 0 : 1] -= 1;
    }
    for (let i = 0; i < wanted[0]; i += 1) {
      for (let j = 0; j < wanted[1]; j += 1) {
        kinds.forEach((kind, n) => atoms.push({
          kind, place: [0, 1, 2].map((k) => places[3 * n + k] * unit + i * a[k] + j * b[k]),
        }));
      }
    }
    const middle = [0, 1, 2].map((k) => {
      const all = atoms.map((one) => one.place[k]);
      return (Math.min(...all) + Math.max(...all)) / 2;
    });
    atoms.forEach((one) => { one.place = one.place.map((x, k) => x - middle[k]); });
    reach = Math.max(...atoms.map((one) => length(one.place))) + 1;
    bonds = findBonds();
    if (bonds.length > MOST_BONDS) {
      bonds = [];
      byId('remark').textContent = `Drawn without bonds: there are more than ${MOST_BONDS}.`;
    }
  }

  // Neighbours are looked for in boxes as wide as the longest bond. Ends early if there are too many.
  function findBonds() {
    const found = [], boxes = new Map();
    const wide = 2 * BOND * Math.max(...elements.map((one) => one.radius));
    const near = [-1, 0, 1];
    const key = (place, shift) => place.map((x, k) => Math.floor(x / wide) + shift[k]).join();
    for (let i = 0; i < atoms.length; i += 1) {
      const { place, kind } = atoms[i];
      for (const x of near) for (const y of near) for (const z of near) {
        for (const j of boxes.get(key(place, [x, y, z])) || []) {
          const far = BOND * (elements[kind].radius + elements[atoms[j].kind].radius);
          const other = atoms[j].place;
          if (Math.hypot(place[0] - other[0], place[1] - other[1], place[2] - other[2]) < far) {
            found.push([i, j]);
          }
        }
        if (found.length > MOST_BONDS) return found;
      }
      const own = key(place, [0, 0, 0]);
      if (boxes.has(own)) boxes.get(own).push(i); else boxes.set(own, [i]);
    }
    return found;
  }

  function draw() {
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const scale = zoom * Math.min(width, height) / (2 * reach);
    const seen = atoms.map((one) => {
      const [x, y, z] = apply(turn, one.place);
      return { x: width / 2 + scale * x, y: height / 2 - scale * y, z, kind: one.kind };
    });
    const parts = seen.map((one) => ({ z: one.z, paint: () => ball(one, scale) }));
    bonds.forEach(([i, j]) => parts.push({
      z: Math.min(seen[i].z, seen[j].z) - 0.01, paint: () => stick(seen[i], seen[j], scale),
    }));
    parts.sort((one, other) => one.z - other.z).forEach((part) => part.paint());
    bar(height, scale);
  }

  function ball({ x, y, kind }, scale) {
    const { colour, radius } = elements[kind], r = BALL * radius * scale;
    const light = pen.createRadialGradient(x - r / 3, y - r / 3, r / 10, x, y, r);
    light.addColorStop(0, 'white');
    light.addColorStop(0.35, colour);
    light.addColorStop(1, colour);
    pen.fillStyle = light;
    pen.strokeStyle = '#222';
    pen.lineWidth = 0.7;
    pen.beginPath();
    pen.arc(x, y, r, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
  }

  function stick(one, other, scale) {
    pen.strokeStyle = '#9aa0a8';
    pen.lineWidth = Math.max(1, 0.14 * scale);
    pen.beginPath();
    pen.moveTo(one.x, one.y);
    pen.lineTo(other.x, other.y);
    pen.stroke();
  }

  function bar(height, scale) {
    pen.strokeStyle = pen.fillStyle = '#222';
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(12, height - 14);
    pen.lineTo(12 + BAR * scale, height - 14);
    pen.stroke();
    pen.font = '12px sans-serif';
    pen.fillText(`${BAR} Å`, 12, height - 20);
  }

  function choose(next) {
    view = next;
    load();
    [...byId('views').children].forEach((button, n) => {
      button.setAttribute('aria-pressed', String(slab.views[n] === view));
    });
    draw();
  }

  function chooseSlab(index) {
    const name = view.name;
    slab = slabs[index];
    byId('views').replaceChildren(...slab.views.map((one) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = one.name;
      button.addEventListener('click', () => choose(one));
      return button;
    }));
    choose(slab.views.find((one) => one.name === name) || slab.views[slab.views.length - 1]);
  }

  function rotate(dx, dy) {
    turn = multiply(multiply(about(1, dx / 120), about(0, dy / 120)), turn);
    draw();
  }

  canvas.addEventListener('pointerdown', (event) => {
    held = [event.clientX, event.clientY];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!held) return;
    rotate(event.clientX - held[0], event.clientY - held[1]);
    held = [event.clientX, event.clientY];
  });
  ['pointerup', 'pointercancel'].forEach((name) => canvas.addEventListener(name, () => { held = null; }));
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoom = Math.min(8, Math.max(0.3, zoom * Math.exp(-event.deltaY / 600)));
    draw();
  }, { passive: false });
  canvas.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: [-12, 0], ArrowRight: [12, 0], ArrowUp: [0, -12], ArrowDown: [0, 12] };
    if (!(event.key in step)) return;
    event.preventDefault();
    rotate(...step[event.key]);
  });

  slabs.forEach((one, n) => byId('slab').add(new Option(`${one.label}  ${one.formula}`, String(n))));
  byId('slab').addEventListener('change', (event) => chooseSlab(Number(event.target.value)));
  elements.forEach(({ symbol, colour }) => {
    const entry = document.createElement('span'), dot = document.createElement('canvas');
    entry.className = 'element';
    dot.width = dot.height = 28;
    const ink = dot.getContext('2d');
    ink.fillStyle = colour;
    ink.strokeStyle = '#222';
    ink.lineWidth = 2;
    ink.beginPath();
    ink.arc(14, 14, 12, 0, 2 * Math.PI);
    ink.fill();
    ink.stroke();
    entry.append(dot, symbol);
    byId('elements').append(entry);
  });
  new ResizeObserver(draw).observe(canvas);
  view = slab.views[slab.views.length - 1];
  chooseSlab(0);
})();
