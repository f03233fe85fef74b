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
  // Two articles share two passages; two outlets have the same day, one of them with an hour; names are long.
  parted: lines([
    { id: 'one', outlet: 'The Very Long Name of an Evening Courier', date: '2025-01-01', text: `${body} ${run('rest', 40)} ${run('tail', 30)}` },
    { id: 'two', outlet: 'الاسم الطويل جدا لصحيفة مسائية أخرى', date: '2025-01-01', text: `${run('lead', 12)} ${body} ${run('more', 60)} ${run('tail', 30)}` },
    ...Array.from({ length: 14 }, (_, n) => ({ id: `n${n}`, outlet: `Outlet of the town ${n}`, date: `2025-01-${String(Math.max(n, 1) + 2).padStart(2, '0')}${n === 1 ? 'T09:00:00Z' : ''}`, text: `${run(`own${n}w`, 5)} ${body}` })),
  ]),
  nothing: lines([{ id: 1, text: run('x', 40) }, { id: 2, text: run('y', 40) }]),
};

/** Characters that folds treat in different ways: marks, ligatures, digits, scripts without spaces, what is dropped. */
export const FOLDED = [
  'Café CAFE\u0301 cafe\u0301s ﬁne Straße STRASSE ½ litre x² ₂ Å Å', 'كِتَابٌ كتــاب أُمَّة امه إلى الي مُؤَسَّسَة ٱلله ١٢٣ ۱۲۳ 123', 'خانه‌ها خانهها ک ك ی ي', 'Ελλάδα ΕΛΛΆΔΑ ς σ ᾳ',
  'Ёлка елка й и', '日本語のテキスト、東京。カタカナ ｶﾀｶﾅ が ガ', 'ภาษาไทย ที่นี่', 'हिन्दी क्षत्रिय ज़ ज़', '한국어 한국어', '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 👩‍🚀 a\u200db soft\u00adhyphen \u202eabc\u202c', 'don\'t re-use 3.5 x_y a\u0323\u0307 a\u0307\u0323', '\u0301 alone ་ བོད་ ខ្មែរ မြန်မာ',
  ...Array.from({ length: 30 }, (_, n) => `word${n}`),
].join('\n') + '\n';

/** Forty stories of forty articles each: 31,200 pairs. */
export const MANY = () => {
  const articles = [];
  for (let story = 0; story < 40; story++) {
    const words = Array.from({ length: 120 }, (_, n) => `s${story}w${n}`);
    for (let copy = 0; copy < 40; copy++) {
      const own = words.map((word, n) => (n === copy ? `own${copy}` : word));
      articles.push({ id: `a${story}-${copy}`, title: `title ${story} of ${copy}`, outlet: `Outlet ${copy % 9}`, date: `2025-01-${String(1 + ((story + copy) % 28)).padStart(2, '0')}T0${copy % 10}:00:00Z`, text: own.join(' ') });
    }
  }
  return lines(articles);
};
