# dl-show --html and --trends: what a page shows, that nothing in it can do anything, and how it looks in a browser.
# shellcheck disable=SC2154 # `try` sets $stderr
load helper

setup() {
  hermetic
}

# browse ARGUMENT...: headless Chromium, with a home of its own, on page.html.
browse() {
  local options=(--headless --disable-gpu --hide-scrollbars "--user-data-dir=$BATS_TEST_TMPDIR/chromium")
  [ "$(id -u)" -ne 0 ] || options+=(--no-sandbox) # which root cannot have
  timeout 120 chromium "${options[@]}" "$@" "file://$PWD/page.html" 2>/dev/null
}

# tags: of the HTML on standard input the elements with the names of their attributes, each on a line. What stands between
# the quotes of an attribute is left out.
tags() {
  tr '\n' ' ' | sed 's/="[^"]*"//g' | grep -oE '<[a-zA-Z/!][^>]*>'
}

# records TEXT [URL]: a record of each kind that people write something into; in all places stands TEXT.
records() {
  jq -nc --arg t "$1" --arg u "${2-https://example.com/x}" '
    {type: "run", ref: $t, provider: $t, host: $t, project: $t, id: $t, number: 1, name: $t, workflow: $t, branch: $t, sha: $t,
      event: $t, actor: $t, status: "completed", conclusion: "failure", created_at: "2026-01-14T10:30:00Z", duration_s: 5, url: $u},
    {type: "release", ref: $t, tag: $t, name: $t, url: $u, body: $t, assets: [{name: $t, url: $u}]},
    {type: "change", sha: $t, kind: $t, scope: $t, subject: $t, author: $t, tag: $t, section: $t, url: $u, breaking: true},
    {type: "sync", name: $t, path: $t, action: "failed", reason: $t},
    {type: "check", name: $t, status: "fail", message: $t, hint: $t},
    {type: "job", ref: $t, name: $t, status: "queued", url: $u},
    {type: "error", class: $t, message: $t, ref: $t}'
}

# runs COUNT: so many, of two workflows, an hour apart: every fifth fails, three are of one commit.
runs() {
  jq -nc --argjson n "$1" 'range($n) | {type: "run", ref: "github:o/r/run/\(.)", provider: "github", host: "github.com",
    project: "o/r", id: "\(.)", number: ., attempt: 1, name: "CI", workflow: (if . % 2 == 0 then "ci.yml" else "docs.yml" end),
    branch: "main", sha: ("\(. / 6 | floor)" + "0" * 40)[:40], actor: "ada", status: "completed",
    conclusion: (if . % 5 == 0 then "failure" else "success" end), created_at: (1768386600 + . * 3600 | todate),
    duration_s: (60 + . % 7), url: "https://github.com/o/r/actions/runs/\(.)"}'
}

@test "the page needs nothing but itself" {
  records 'a text' | dl-show --html >page.html || [ $? = 70 ]
  [ "$(head -n 1 page.html)" = '<!doctype html>' ]
  refute grep -qiE '<(script|link|img|iframe|object|embed|base|form|audio|video|source)|@import|url\(|src=| on[a-z]+=' page.html
  grep -qF "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" page.html
  # What it leads to are pages of the records, and its own parts.
  [ "$(grep -oE 'href="[^"]*"' page.html | sed 's/#.*/#"/' | sort -u | tr '\n' ' ')" = 'href="#" href="https://example.com/x" ' ]
}

@test "hostile titles, branches, notes and URLs are text: the page has the elements that it has with harmless ones" {
  records 'a text' | dl-show --html >harmless.html || [ $? = 70 ]
  local text hostile=(
    '<script>document.title="owned"</script>' '</title><script>alert(1)</script>' '"><img src=x onerror=alert(1)>'
    "'><svg onload=alert(1)>" '</pre></style></main><h1>owned' '<!--' '-->' ']]>' '<style>*{display:none}</style>'
    '" onmouseover="alert(1)' '" autofocus onfocus="alert(1)' '&lt;script&gt;' '&#60;script&#62;' '<a href=javascript:alert(1)>x'
    '<base href=//evil>' '<meta http-equiv=refresh content=0;url=//evil>' '<iframe srcdoc="<script>alert(1)</script>">'
    $'a\x1b[31mb\x07' $'\xe2\x80\xae\xe2\x81\xa6reversed' $'a\nb\tc\r' '{{7*7}}${7*7}' '%3Cscript%3E' '\u003cscript\u003e' '<'
    $'\xef\xbc\x9cscript\xef\xbc\x9e' '</textarea><plaintext>' '<math><mi//xlink:href="data:x,<script>alert(1)</script>">' '`${alert(1)}`'
  )
  for text in "${hostile[@]}"; do
    records "$text" | dl-show --html >page.html || [ $? = 70 ]
    diff <(tags <harmless.html) <(tags <page.html) || complain "an element more or less: $text"
    refute grep -qP '[\x00-\x08\x0B-\x1F\x7F]|\xE2\x80\xAE|\xE2\x81\xA6' page.html
  done
  # All at once, as a browser understands them.
  for text in "${hostile[@]}"; do records "$text" || return; done | sort | dl-show --html >page.html || [ $? = 70 ]
  browse --dump-dom >dom
  [ "$(tags <dom | sed 's/ .*//; s/[</>]//g' | sort -u | grep -xiE 'script|img|svg|style|iframe|base|math|plaintext|form|object' |
    tr '\n' ' ')" = 'style ' ]
  grep -q '<title>DevLoop report</title>' dom
  [ "$(tags <dom | grep -ciE ' on[a-z]+| src')" = 0 ]
  grep -qF '&lt;script&gt;document.title=' dom
}

@test "only what is of the web becomes a link" {
  local url
  for url in 'javascript:alert(1)' ' https://x' 'data:text/html,x' '//evil' 'JaVaScRiPt:x' 'file:///etc/passwd' 'vbscript:x' $'java\tscript:x' ''; do
    records 'a text' "$url" | dl-show --html >page.html || [ $? = 70 ]
    [ "$(grep -oE '<a [^>]*>' page.html | grep -cv 'href="#')" = 0 ] || complain "a link: $url"
  done
  records 'a text' 'https://x" onclick="alert(1)' | dl-show --html >page.html || [ $? = 70 ]
  grep -qF 'href="https://x&quot; onclick=&quot;alert(1)"' page.html
  grep -q '<a [^>]*rel="noreferrer noopener"' page.html
}

@test "runs become the history of each workflow" {
  runs 40 | tac | dl-show --html >page.html
  [ "$(grep -c '<section class="flow">' page.html)" = 2 ]
  [ "$(grep -oE '<h3>[a-z.]+' page.html | sort | tr '\n' ' ')" = '<h3>ci.yml <h3>docs.yml ' ]
  # Twenty runs each, four of which failed; the newest is the last, whatever the order they came in.
  [ "$(grep -oE '<dt>(runs|success|flaky)</dt><dd>[^<]*' page.html | sort -u | tr '\n' ' ')" = \
    '<dt>flaky</dt><dd>4 of 7 commits <dt>runs</dt><dd>20 <dt>success</dt><dd>80.0 % ' ] || complain "$(grep '<dt>' page.html)"
  [ "$(grep -oE 'number [0-9]+' page.html | uniq | sed -n '1p;20p' | tr '\n' ' ')" = 'number 0 number 38 ' ] ||
    [ "$(grep -oE 'number [0-9]+' page.html | uniq | sed -n '1p;20p' | tr '\n' ' ')" = 'number 1 number 39 ' ]
  grep -qF 'aria-label="How long the last 20 runs took; the longest: 1m6s"' page.html
  [ "$(grep -oE 'points="[^"]*"' page.html | head -n 1 | tr ' ' '\n' | grep -c ,)" = 20 ]
}

@test "a page can be walked through by keyboard and read aloud" {
  { runs 10; records 'a text'; } | dl-show --html >page.html || [ $? = 70 ]
  browse --dump-dom >dom
  # Each square is a link with words; each picture has some; what scrolls can be reached.
  [ "$(grep -oE '<li><a [^>]*class="(good|bad)"[^>]*>' dom | wc -l)" = 11 ]
  refute grep -qE '<li><a [^>]*class="[a-z]+"[^>]*>' <(grep -v aria-label dom)
  grep -qF 'aria-label="failure, number 0, main, 0000000000, 2026-01-14T10:30:00Z, 1m0s, ada"' dom ||
    grep -qF 'aria-label="failure, number 0, main, 0000000000, 2026-01-14T10:30:00Z, 1m, ada"' dom
  refute grep -E '<svg' <(grep -v 'role="img" aria-label=' dom)
  refute grep -E '<div class="wide"' <(grep -v 'tabindex="0"' dom)
  refute grep -E '<th[ >]' <(sed 's/<thead>//; s/<th scope="col">//g' dom)
  grep -q '<html lang="en">' dom
  [ "$(grep -o '<h1>' dom | wc -l)" = 1 ]
  [ "$(grep -oE 'href="#[a-z]+"' dom | sort | uniq -d)" = '' ]
  for id in $(grep -oE 'href="#[a-z]+"' dom | grep -oE '[a-z]+"' | tr -d '"'); do grep -q " id=\"$id\"" dom; done
}

@test "light and dark: both can be read" {
  local pixels mode
  runs 30 | dl-show --html >page.html
  # Every colour on its ground has a contrast of 4.5 at least (WCAG 2.2, 1.4.3).
  for pixels in 1 2; do
    mode=$(grep -oE ':root\{[^}]*--bg[^}]*\}' page.html | sed -n "${pixels}p")
    [ -n "$mode" ]
    tr '{};' '\n' <<<"$mode" | sed -nE 's/^--([a-z]+):#(.*)$/\1 \2/p' | awk '
      function part(text) { text = index("0123456789abcdef", substr(text, 1, 1)) * 16 + index("0123456789abcdef", substr(text, 2, 1)) - 17
        text /= 255; return text <= 0.03928 ? text / 12.92 : ((text + 0.055) / 1.055) ^ 2.4 }
      function light(c) { if (length(c) == 3) c = substr(c,1,1) substr(c,1,1) substr(c,2,1) substr(c,2,1) substr(c,3,1) substr(c,3,1)
        return 0.2126 * part(substr(c, 1, 2)) + 0.7152 * part(substr(c, 3, 2)) + 0.0722 * part(substr(c, 5, 2)) }
      function contrast(a, b) { a = light(a) + 0.05; b = light(b) + 0.05; return a > b ? a / b : b / a }
      { c[$1] = $2 }
      END {
        split("fg dim good bad warn busy", on_ground); split("good bad warn busy idle", grounds)
        for (i in on_ground) if (contrast(c[on_ground[i]], c["bg"]) < 4.5) { print on_ground[i], contrast(c[on_ground[i]], c["bg"]); bad = 1 }
        for (i in grounds) if (contrast(c["on"], c[grounds[i]]) < 4.5) { print "on", grounds[i], contrast(c["on"], c[grounds[i]]); bad = 1 }
        exit bad || length(c) < 9 }'
  done
  browse --window-size=800,600 "--screenshot=$PWD/light.png" >/dev/null
  browse --window-size=800,600 --blink-settings=preferredColorScheme=0 "--screenshot=$PWD/dark.png" >/dev/null
  [ "$(stat -c %s light.png)" -gt 10000 ]
  [ "$(stat -c %s dark.png)" -gt 10000 ]
  refute cmp -s light.png dark.png
}

@test "releases, changes, results of a sync: each has its place" {
  {
    records 'a text'
    jq -nc '{type: "change", subject: "second", tag: "v1", section: "Fixed"}, {type: "change", subject: "third", tag: "v1", section: "Fixed"}'
  } | dl-show --html >page.html || [ $? = 70 ]
  [ "$(grep -oE '<h2>[^<]*' page.html | tr '\n' ' ')" = \
    '<h2>Runs <h2>job <h2>check <h2>Releases <h2>Changes <h2>Repositories kept in step <h2>error ' ]
  [ "$(grep -c '<h3>v1: Fixed</h3>' page.html)" = 1 ]
  grep -q '<td class="bad">✗ failed</td>' page.html
  grep -q '<strong>breaking</strong> <b>a text:</b> a text' page.html
}

@test "--trends: a line for each workflow, in place of its runs" {
  { runs 40; records x | grep '"check"'; } | tac >lines
  try dl-show --trends -j <lines
  assert_json 'map(.type) | sort == ["check", "trend", "trend"]'
  assert_json 'map(select(.type == "trend")) | sort_by(.workflow) | .[0] | .workflow == "ci.yml" and .total == 20 and .succeeded == 16
    and .failed == 4 and .success_ratio == 0.8 and .commits == 7 and .flaky == 4 and .p50_s == 63 and .p90_s == 66'
  assert_json 'map(select(.type == "trend")) | all(.durations | length == 20)'
  dl-show --trends -j <lines | dl-show -j | cmp - <(dl-show --trends -j <lines)
  # Bars rise with what they stand for.
  jq -nc '{type: "run", workflow: "w", created_at: "2026-01-14T10:30:00Z", duration_s: 0}, {type: "run", workflow: "w",
    created_at: "2026-01-14T10:30:03Z", duration_s: 80}, {type: "run", workflow: "w", created_at: "2026-01-14T10:30:02Z", duration_s: 40}' >lines
  try dl-show --trends -F durations <lines
  assert_output '▁▄█'
}

@test "on a terminal trends follow a table of runs, and fit the width" {
  command -v script >/dev/null || skip 'no script(1) here'
  runs 9 >lines
  COLUMNS=100 try script -qec 'dl-show <lines' /dev/null </dev/null
  [[ $output = *STATE*REF*WORKFLOW*DURATIONS*█* ]]
  [ "$(tr -d '\r' <<<"$output" | wc -L)" -le 100 ]
  try dl-show <lines
  refute grep -q DURATIONS <<<"$output"
}

@test "nothing to show is exit 5, and what cannot be written 12" {
  try dl-show --html </dev/null
  assert_status 5
  assert_output ''
  runs 3 >lines
  try sh -c 'dl-show --html <lines >/dev/full'
  assert_status 12
}
