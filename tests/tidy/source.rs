//! The files of the repository, and Rust code cut into tokens.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// The folders that are ours; a folder that does not exist yet is left out.
const FOLDERS: [&str; 11] =
    [".cargo", ".ci", "assets", "benches", "cli", "core", "docs", "judge", "tests", "web", "xtask"];

/// What others wrote, and stays as it is.
const FOREIGN: &str = "tests/page/axe";

/// What is read as text.
const EXTENSIONS: [&str; 12] =
    ["rs", "toml", "md", "css", "html", "js", "json", "svg", "txt", "sh", "script", "edn"];

/// Something to be put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// Counted from 1.
    pub(super) line: usize,
    /// What is wrong, and what to do instead.
    pub(super) text: String,
}

impl Complaint {
    /// A complaint about a line.
    pub(super) fn new(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into() }
    }

    /// The complaint as a compiler would print it.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{path}:{}: {}", self.line, self.text)
    }
}

/// The smallest piece of Rust code. Comments are gone; a doc comment is a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// A name, a literal, or one character of punctuation or bracket.
    pub(super) text: String,
    /// Where it begins, counted from 1.
    pub(super) line: usize,
    /// Whether this is a number or a string.
    pub(super) literal: bool,
}

/// One file.
pub(super) struct Source {
    /// From the root of the repository, with slashes.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
    /// Its code; nothing if it is not Rust.
    pub(super) tokens: Vec<Token>,
    /// Its syntax; nothing if it is not Rust.
    pub(super) syntax: Option<syn::File>,
    /// The lines of what is compiled for tests only.
    tests: Vec<RangeInclusive<usize>>,
}

impl Source {
    /// Reads a file that has this text. Rust that does not parse is the compiler's business, and
    /// the complaint about it would only be in the way: it stops the test.
    pub(super) fn new(path: &str, text: &str) -> Self {
        let mut source = Self {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens: Vec::new(),
            syntax: None,
            tests: Vec::new(),
        };
        if path.ends_with(".rs") {
            let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            let stream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
            flatten(stream, &mut source.tokens);
            let mut finder = TestFinder::default();
            finder.visit_file(&syntax);
            source.tests = finder.found;
            source.syntax = Some(syntax);
        }
        source
    }

    /// Whether this line is compiled for tests only.
    pub(super) fn is_test(&self, line: usize) -> bool {
        self.is_test_file() || self.tests.iter().any(|lines| lines.contains(&line))
    }

    /// Whether all of this is compiled for tests only: a test module in a file of its own.
    pub(super) fn is_test_file(&self) -> bool {
        let below = self.path.starts_with("tests/") || self.path.contains("/tests/");
        below || self.path.ends_with("/tests.rs")
    }

    /// The tokens that end up in a program.
    pub(super) fn shipped(&self) -> Vec<&Token> {
        self.tokens.iter().filter(|token| !self.is_test(token.line)).collect()
    }
}

/// Every text file of ours.
pub(super) fn all() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's root");
    let mut found = Vec::new();
    for entry in sorted(root) {
        if root.join(&entry).is_file() {
            read(root, &entry, &mut found);
        } else if FOLDERS.contains(&entry.as_str()) {
            walk(root, &entry, &mut found);
        }
    }
    found
}

fn walk(root: &Path, folder: &str, found: &mut Vec<Source>) {
    for name in sorted(&root.join(folder)) {
        let path = format!("{folder}/{name}");
        if path == FOREIGN {
            continue;
        }
        if root.join(&path).is_dir() {
            walk(root, &path, found);
        } else {
            read(root, &path, found);
        }
    }
}

fn sorted(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder of the repository");
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.filter_map(Result::ok).map(name).collect();
    names.retain(|name| name != "target" && name != "node_modules");
    names.sort();
    names
}

fn read(root: &Path, path: &str, found: &mut Vec<Source>) {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    if path == ".ci/run" || extension.is_some_and(|name| EXTENSIONS.contains(&name)) {
        let text = fs::read_to_string(root.join(path)).expect("a text file");
        found.push(Source::new(path, &text));
    }
}

fn flatten(stream: TokenStream, into: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: String, line, literal| into.push(Token { text, line, literal });
        match tree {
            TokenTree::Ident(name) => push(name.to_string(), line, false),
            TokenTree::Punct(mark) => push(mark.as_char().to_string(), line, false),
            TokenTree::Literal(value) => push(value.to_string(), line, true),
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                push(open.to_owned(), line, false);
                let end = group.span_close().start().line;
                flatten(group.stream(), into);
                into.push(Token { text: close.to_owned(), line: end, literal: false });
            }
        }
    }
}

fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// Finds items under `#[cfg(test)]`.
#[derive(Default)]
struct TestFinder {
    found: Vec<RangeInclusive<usize>>,
}

impl<'ast> Visit<'ast> for TestFinder {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if is_test_only(item) {
            self.found.push(lines(item));
        } else {
            visit::visit_item(self, item);
        }
    }
}

/// Whether an item stands under `#[cfg(test)]`.
pub(super) fn is_test_only(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        _ => return false,
    };
    let is_test = |attribute: &syn::Attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    };
    attributes.iter().any(is_test)
}

/// The lines that something takes up, with its attributes.
pub(super) fn lines(item: &impl syn::spanned::Spanned) -> RangeInclusive<usize> {
    let span = item.span();
    span.start().line..=span.end().line
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = r#"//! a [comment]
fn a() { b("x}", '{', 1.5) }

#[cfg(test)]
mod tests {
    fn c() {}
}
#[cfg(not(test))]
fn d() {}
"#;

    #[test]
    fn code_is_cut_into_tokens() {
        let source = Source::new("core/src/a.rs", CODE);
        let line = |wanted: usize| {
            let on_it = source.tokens.iter().filter(|token| token.line == wanted);
            on_it.map(|token| token.text.as_str()).collect::<Vec<_>>()
        };
        let expected = ["fn", "a", "(", ")", "{", "b", "(", "\"x}\"", ",", "'{'", ",", "1.5"];
        assert_eq!(line(2)[..12], expected);
        assert_eq!(line(7), ["}"]);
    }

    #[test]
    fn tests_are_told_from_what_is_shipped() {
        let source = Source::new("core/src/a.rs", CODE);
        let tests: Vec<usize> = (1..=9).filter(|line| source.is_test(*line)).collect();
        assert_eq!(tests, [4, 5, 6, 7]);
        assert!(source.shipped().iter().all(|token| token.text != "c"));
        assert!(Source::new("core/src/kv/tests.rs", CODE).is_test(9));
        assert!(Source::new("core/src/kv/tests/words.rs", CODE).is_test(9));
    }

    #[test]
    fn this_file_is_among_the_sources() {
        assert!(all().iter().any(|source| source.path == "tests/tidy/source.rs"));
        assert!(all().iter().any(|source| source.path == "Cargo.toml"));
    }
}
