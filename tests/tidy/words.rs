//! Words that have no business here, each with what to do instead.

use super::source::{Complaint, Source, Token};

/// A few tokens in a row that may not stand in a program.
struct Code {
    tokens: &'static [&'static str],
    /// Only paths that begin like this.
    within: &'static str,
    /// Whether tests may not have it either.
    even_in_tests: bool,
    instead: &'static str,
}

const CODE: [Code; 9] = [
    Code::anywhere(&["todo", "!"], "write it, or leave it out"),
    Code::anywhere(&["unimplemented", "!"], "write it, or leave it out"),
    Code::anywhere(&["dbg", "!"], "take it out again"),
    Code::anywhere(&["unsafe"], "nothing here needs it"),
    Code::anywhere(&["from_html_unchecked"], "build the nodes: text from outside is no markup"),
    Code::shipped("core/", &["HashMap"], "its order is random: use a BTreeMap"),
    Code::shipped("core/", &["HashSet"], "its order is random: use a BTreeSet"),
    Code::shipped("core/src/", &[".", "unwrap", "("], "say in `expect` why it cannot fail"),
    Code::shipped("core/src/", &["usize", ":", ":", "MAX"], "its value depends on the platform"),
];

/// What may stand nowhere, not even in a comment or in text.
const TEXT: [(&str, &str); 5] = [
    ("FIXME", "fix it, or open an issue"),
    ("XXX", "say what is meant"),
    ("/work/", "that folder is one machine's own"),
    ("/root/", "that folder is one user's own"),
    ("/tmp/bash", "that folder is one machine's own"),
];

/// Where floating-point numbers may be: nowhere in the core, for they differ between platforms in
/// ways that nobody remembers. A path here says why in a comment beside it.
const FLOATS: [&str; 0] = [];

/// The rules themselves have to name what they forbid.
const RULES: &str = "tests/tidy/";

impl Code {
    const fn anywhere(tokens: &'static [&'static str], instead: &'static str) -> Self {
        Self { tokens, within: "", even_in_tests: true, instead }
    }

    const fn shipped(
        within: &'static str,
        tokens: &'static [&'static str],
        instead: &'static str,
    ) -> Self {
        Self { tokens, within, even_in_tests: false, instead }
    }
}

/// Looks through code; comments and strings may say what they like.
pub(super) fn banned_code(source: &Source) -> Vec<Complaint> {
    let mut found = Vec::new();
    let rules = CODE.iter().filter(|rule| source.path.starts_with(rule.within));
    for rule in rules.filter(|_| !source.path.starts_with(RULES)) {
        for window in source.tokens.windows(rule.tokens.len()) {
            let line = window[0].line;
            let same = window.iter().map(|token| token.text.as_str()).eq(rule.tokens.to_vec());
            if same && (rule.even_in_tests || !source.is_test(line)) {
                let words = rule.tokens.concat();
                found.push(Complaint::new(line, format!("`{words}`: {}", rule.instead)));
            }
        }
    }
    found
}

/// Looks through everything, of any file.
pub(super) fn banned_text(source: &Source) -> Vec<Complaint> {
    if source.path.starts_with(RULES) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (line, text) in (1..).zip(source.text.lines()) {
        for (word, instead) in TEXT.iter().filter(|(word, _)| text.contains(word)) {
            found.push(Complaint::new(line, format!("`{word}`: {instead}")));
        }
    }
    found
}

/// The core counts in integers.
pub(super) fn floats(source: &Source) -> Vec<Complaint> {
    let allowed = FLOATS.iter().any(|path| source.path.starts_with(path));
    if !source.path.starts_with("core/src/") || allowed {
        return Vec::new();
    }
    let tokens = source.shipped();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        // In `pair.0.1`, the last two numbers arrive as one.
        let is_field = at > 0 && tokens[at - 1].text == ".";
        if !is_field && is_float(token) {
            let text = format!("`{}`: count in integers, such as millionths", token.text);
            found.push(Complaint::new(token.line, text));
        }
    }
    found
}

fn is_float(token: &Token) -> bool {
    let digits = token.text.replace('_', "");
    let is_hex = digits.starts_with("0x");
    let is_number = token.literal && digits.starts_with(|first: char| first.is_ascii_digit());
    let has_float_type = digits.ends_with("f32") || digits.ends_with("f64");
    match is_number {
        true => !is_hex && (digits.contains(['.', 'e']) || has_float_type),
        false => token.text == "f32" || token.text == "f64",
    }
}

/// Colours are design tokens, and those live in the style sheet.
pub(super) fn colours(source: &Source) -> Vec<Complaint> {
    let strings = source.shipped().into_iter().filter(|token| token.literal);
    let within = source.path.starts_with("web/src/");
    strings
        .filter(|token| within && has_colour(&token.text))
        .map(|token| {
            let text = format!("{}: name a token of the style sheet instead", token.text);
            Complaint::new(token.line, text)
        })
        .collect()
}

/// Whether a string has `#rgb`, `#rrggbb` or `#rrggbbaa` in it, and it stands as a word.
fn has_colour(string: &str) -> bool {
    string.split('#').skip(1).any(|after| {
        let word = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        let word = word.into_iter().next().unwrap_or_default();
        matches!(word.len(), 3 | 6 | 8) && word.chars().all(|c| c.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(found: &[Complaint]) -> Vec<usize> {
        found.iter().map(|complaint| complaint.line).collect()
    }

    fn code(path: &str, text: &str) -> Vec<usize> {
        lines(&banned_code(&Source::new(path, text)))
    }

    #[test]
    fn banned_code_is_found() {
        assert_eq!(code("web/src/a.rs", "fn a() {\n    todo!()\n}"), [2]);
        assert_eq!(code("cli/src/a.rs", "fn a() { unimplemented!(\"x\") }"), [1]);
        assert_eq!(code("xtask/src/a.rs", "fn a() { dbg!(1); }"), [1]);
        assert_eq!(code("web/src/a.rs", "fn a() { unsafe { b() } }"), [1]);
        assert_eq!(code("web/src/a.rs", "fn a() { Html::from_html_unchecked(b) }"), [1]);
        assert_eq!(code("core/src/a.rs", "use x::HashMap;\nuse x::HashSet;"), [1, 2]);
        assert_eq!(code("core/src/a.rs", "const A: usize = usize::MAX;"), [1]);
    }

    #[test]
    fn tests_of_the_core_may_unwrap() {
        let text = "
            fn a() {
                b.unwrap_or(1).unwrap();
            }
            #[cfg(test)]
            mod tests {
                fn c() { b.unwrap() }
                fn d() { todo!() }
            }";
        assert_eq!(code("core/src/a.rs", text), [8, 3]);
        assert_eq!(code("web/src/a.rs", text), [8]);
    }

    #[test]
    fn comments_and_strings_may_name_what_is_banned() {
        let text = "//! No HashMap, no unsafe.\n/* todo! */\nfn a() { b(\"dbg!(unsafe)\") }";
        assert_eq!(code("core/src/a.rs", text), [0; 0]);
    }

    #[test]
    fn banned_text_is_found_even_in_prose() {
        let text = "a\n<!-- FIXME -->\nsee /work/main\n/root/x and /tmp/bash_jobs\nXXX";
        let found = lines(&banned_text(&Source::new("README.md", text)));
        assert_eq!(found, [2, 3, 4, 4, 5]);
        assert_eq!(banned_text(&Source::new("README.md", "framework/ and /workers")), []);
    }

    #[test]
    fn floats_are_found_in_the_core() {
        let text = "fn a(x: f32) {
            1.5;
            2e3;
            1_f64;
            (0xe1, x.0.1, 0..3, \"1.5\");
        }";
        assert_eq!(lines(&floats(&Source::new("core/src/a.rs", text))), [1, 2, 3, 4]);
        assert_eq!(floats(&Source::new("web/src/a.rs", text)), []);
    }

    #[test]
    fn colours_are_found_on_the_page() {
        let text = r##"fn a() {
            html! { <p fill="#0072B2"/> };
            "#fff";
            "a #12345678;";
            ("#s=1.abc", "#decade-view", "url(#feeds)");
        }"##;
        assert_eq!(lines(&colours(&Source::new("web/src/a.rs", text))), [2, 3, 4]);
        assert_eq!(colours(&Source::new("core/src/a.rs", text)), []);
    }
}
