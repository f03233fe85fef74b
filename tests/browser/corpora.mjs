// Articles that are made up for the browser: mixed scripts, hostile texts, missing fields.
const run = (salt, count) => Array.from({ length: count }, (_, n) => `${salt}${n}`).join(' ');
const lines = (articles) => articles.map((article) => `${JSON.stringify(article)}\n`).join('');

const body = run('wave', 70);
const arabic = Array.from({ length: 70 }, (_, n) => `كلمة${'ابتثجحخد'[n % 8]}${'رزسشصضطظ'[(n >> 3) % 8]}`).join(' ');
export const SCRIPT = '<script>window.broken = 1</script>';

/** Name, articles. */
export const CORPORA = {
  hostile: lines([
    { id: '<b>&"\'/#?%2f', title: `</script>${SCRIPT}`, outlet: `<img src=x onerror="window.broken=2">`, date: '2025-01-01', url: 'javascript:window.broken=3', text: `${SCRIPT} ${body} \u202e\u2066 <!-- 👩‍🚀 𝔘` },
    { id: 'b', title: '\u202eبعكس', outlet: 'الثانية', date: '2025-01-03', text: `𝔘𝔘 ${run('own', 9)} ${body} </textarea>` },
    { id: 'huge', title: 'long', outlet: 'Third', date: '2025-01-02', text: `${run('long', 110000)} ${body}` },
    { id: 'c', title: '', text: body.toUpperCase() },
    { id: 'ar1', title: 'خبر', outlet: 'الثانية', date: '2025-01-02', text: arabic },
    { id: 'ar2', title: 'خبر آخر', outlet: 'Third', date: '2025-01-04', text: `${arabic}\n${run('mid', 20)}\n${arabic}` },
    { id: 'empty', title: '', text: '' },
  ]),
  undated: lines([{ id: 1, text: body }, { id: 2, text: `${body} more` }, { id: 3, text: run('alone', 30) }]),
  one_outlet: lines([{ id: 1, outlet: 'Only', date: '2025-01-01', text: body }, { id: 2, outlet: 'Only', date: '2025-01-02', text: body }]),
  nothing: lines([{ id: 1, text: run('x', 40) }, { id: 2, text: run('y', 40) }]),
};
