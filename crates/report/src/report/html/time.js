// Time: reuse by day, how long until it was taken, who is first.

function viewTime(main) {
  if (D.totals.first === null) return replace(main, el('h1', { text: W.time }), el('p', { class: 'empty', text: W.no_dates }));
  replace(main, el('h1', { text: W.time }), byDay(), section(W.delays, W.delays_note, delayPicture()), firsts());
}

/** Copied articles by day, week or month, and all the others. */
function byDay() {
  const span = (D.totals.last - D.totals.first) / 86400 + 1;
  const [step, title] = span <= 120 ? [1, W.by_day] : span <= 900 ? [7, W.by_week] : [30, W.by_month];
  const start = Math.floor(D.totals.first / 86400);
  const bars = Array.from({ length: Math.floor((Math.floor(D.totals.last / 86400) - start) / step) + 1 }, () => [0, 0, 0]);
  const outlet = F.outlet === '' ? null : Number(F.outlet);
  for (const [day, of, articles] of D.days) if (outlet === null || of === outlet) bars[Math.floor((day - start) / step)][2] += articles;
  const seen = new Set();
  for (let e = 0; e < E.count; e++) {
    const doc = E.doc[e];
    if (!pass.edges[e] || seen.has(doc) || (outlet !== null && A.outlet[doc] !== outlet)) continue;
    seen.add(doc);
    const bar = bars[Math.floor((Math.floor(A.date[doc] / 86400) - start) / step)];
    bar[D.derivations.wholly[E.derivation[e]] ? 0 : 1]++;
    bar[2]--;
  }
  const list = bars.map((parts, at) => {
    const [from, to] = [(start + at * step) * 86400, (start + (at + 1) * step - 1) * 86400];
    const hint = `${dayOf(from)}: ${W.wholly} ${number(parts[0])}, ${W.partly} ${number(parts[1])}, ${W.own} ${number(Math.max(0, parts[2]))}`;
    return { label: days.format(from * 1000), hint, parts: parts.map((part) => Math.max(0, part)), press: () => setFilter({ from: isoDay(from), to: isoDay(to) }) };
  });
  return section(title, W.by_day_note, barPicture('time', title, list, ['wholly', 'partly', 'own'], { height: 260, every: Math.max(1, Math.ceil(list.length / (NARROW.matches ? 5 : 12))) }), legend([['wholly', W.wholly], ['partly', W.partly], ['own', W.own]]));
}

const DELAYS = [[60, 'minute', 1], [3600, 'hour', 1], [21600, 'hour', 6], [86400, 'day', 1], [259200, 'day', 3], [604800, 'day', 7], [2592000, 'day', 30]];
function delayPicture() {
  const counts = new Array(DELAYS.length + 1).fill(0);
  for (let e = 0; e < E.count; e++) {
    if (!pass.edges[e]) continue;
    const delay = A.date[E.doc[e]] - A.date[E.source[e]];
    const at = DELAYS.findIndex(([under]) => delay < under);
    counts[at < 0 ? DELAYS.length : at]++;
  }
  const name = (at) => (at < DELAYS.length ? `${W.under} ${counted(DELAYS[at][2], DELAYS[at][1])}` : `${W.over} ${counted(DELAYS.at(-1)[2], DELAYS.at(-1)[1])}`);
  return barPicture('delays', W.delays, counts.map((count, at) => ({ label: name(at), hint: `${name(at)}: ${number(count)}`, parts: [count] })), ['partly'], { height: 200 });
}

/** For each outlet, in stories of several: how often first, how often after, and the middle delay. */
function firsts() {
  const outlets = new Map();
  for (const c of passingStories()) {
    const { dated: members, isFirst } = storyOf(c);
    const firstOf = new Map();
    for (const member of members) if (!firstOf.has(A.outlet[member])) firstOf.set(A.outlet[member], member);
    if (firstOf.size < 2) continue;
    const start = A.date[members[0]];
    for (const [outlet, member] of firstOf) {
      if (!outlets.has(outlet)) outlets.set(outlet, { outlet, first: 0, delays: [] });
      if (isFirst(member)) outlets.get(outlet).first++;
      else outlets.get(outlet).delays.push(A.date[member] - start);
    }
  }
  const list = [...outlets.values()];
  if (list.length === 0) return null;
  for (const entry of list) entry.middle = entry.delays.sort((x, y) => x - y)[Math.floor(entry.delays.length / 2)] ?? null;
  return section(W.first_table, W.first_note, table('first', W.first_table, [
    { key: 'outlet', label: W.outlet, get: (row) => outletName(list[row].outlet) }, numberColumn('first', W.first, (row) => list[row].first, '110px'), numberColumn('followed', W.followed, (row) => list[row].delays.length, '110px'),
    { key: 'middle_delay_seconds', label: W.median_delay, num: true, width: '150px', get: (row) => list[row].middle, show: (row) => (list[row].middle === null ? '' : duration(list[row].middle)) },
  ], list.map((_, at) => at), { sort: 'first', height: 420 }));
}
