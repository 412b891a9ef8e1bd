//! Nothing is too long to be read in one go.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{Complaint, Source, is_test_only, lines};

/// Lines in a file, its test module not counted.
const FILE: usize = 400;
/// Lines in a function, from its name to its last brace.
const FUNCTION: usize = 70;
/// Columns in a line.
const WIDTH: usize = 100;

/// What is read as prose or data has no width: it is wrapped by whoever shows it.
const WITH_WIDTH: [&str; 6] = [".rs", ".toml", ".css", ".js", ".sh", ".ci/run"];

/// A line with one of these cannot be broken: an address, or the outline of a drawing.
const UNBREAKABLE: [&str; 4] = ["https://", "http://", "data:", " d=\""];

/// Code that grows beyond this falls into parts, and each deserves a name.
pub(super) fn file_length(source: &Source) -> Vec<Complaint> {
    let Some(syntax) = &source.syntax else { return Vec::new() };
    let code = match syntax.items.last() {
        Some(item) if is_test_only(item) => lines(item).start() - 1,
        _ => source.text.lines().count(),
    };
    let is_test_module = source.path.ends_with("/tests.rs");
    if code <= FILE || is_test_module {
        return Vec::new();
    }
    vec![Complaint::new(FILE + 1, format!("{code} lines of code; at most {FILE} in a file"))]
}

/// A function fits on a screen.
pub(super) fn function_length(source: &Source) -> Vec<Complaint> {
    let mut finder = LongFunctions::default();
    if let Some(syntax) = &source.syntax {
        finder.visit_file(syntax);
    }
    finder.found
}

#[derive(Default)]
struct LongFunctions {
    found: Vec<Complaint>,
}

impl LongFunctions {
    fn judge(&mut self, signature: &syn::Signature, body: &syn::Block) {
        let start = signature.span().start().line;
        let length = body.span().end().line - start + 1;
        if length > FUNCTION {
            let text = format!("`{}` has {length} lines; at most {FUNCTION}", signature.ident);
            self.found.push(Complaint::new(start, text));
        }
    }
}

impl<'ast> Visit<'ast> for LongFunctions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.judge(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.judge(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.judge(&function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

/// Two files stand side by side on a laptop. A macro's inside is not formatted by rustfmt, and a
/// comment is not wrapped by it: so this is looked at here.
pub(super) fn line_width(source: &Source) -> Vec<Complaint> {
    if !WITH_WIDTH.iter().any(|ending| source.path.ends_with(ending)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (line, text) in (1..).zip(source.text.lines()) {
        let width = text.chars().count();
        if width > WIDTH && !UNBREAKABLE.iter().any(|part| text.contains(part)) {
            found.push(Complaint::new(line, format!("{width} columns; at most {WIDTH}")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(text: &str) -> Source {
        Source::new("core/src/a.rs", text)
    }

    #[test]
    fn a_long_file_is_found() {
        let code = "fn a() {}\n".repeat(FILE);
        assert_eq!(file_length(&rust(&code)), []);
        assert_eq!(file_length(&rust(&(code.clone() + "fn b() {}\n"))).len(), 1);
        let tested = code.clone() + "\n\n#[cfg(test)]\nmod tests {\n" + &code + "}\n";
        assert_eq!(file_length(&rust(&tested)).len(), 1, "two empty lines are two too many");
        let tested = code.replacen("fn a() {}\n", "", 2) + "\n\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(file_length(&rust(&tested)), []);
        let text = code.clone() + &code;
        assert_eq!(file_length(&Source::new("core/src/kv/tests.rs", &text)), []);
        assert_eq!(file_length(&Source::new("tests/conformance.rs", &text)).len(), 1);
    }

    #[test]
    fn a_long_function_is_found_wherever_it_stands() {
        let body = "    x();\n".repeat(FUNCTION - 1);
        for (before, after) in [("", ""), ("impl A {\n", "}\n"), ("trait A {\n", "}\n")] {
            let short = format!("{before}fn a() {{\n    x(\"}}\");}}\n{after}");
            assert_eq!(function_length(&rust(&short)), []);
            let long = format!("{before}/// Docs.\n#[inline]\nfn a() {{\n{body}}}\n{after}");
            let line = 3 + before.lines().count();
            assert_eq!(function_length(&rust(&long))[0].line, line, "{long}");
        }
        let exact = format!("fn a() {{\n{}}}\n", "    x();\n".repeat(FUNCTION - 2));
        assert_eq!(function_length(&rust(&exact)), []);
    }

    #[test]
    fn a_wide_line_is_found() {
        let wide = "//".to_owned() + &"é".repeat(WIDTH - 1);
        let found = line_width(&rust(&format!("\n{wide}\n")));
        assert_eq!(found, [Complaint::new(2, "101 columns; at most 100")]);
        assert_eq!(line_width(&rust(&format!("//{}\n", "é".repeat(WIDTH - 2)))), []);
        assert_eq!(line_width(&rust(&format!("{wide} https://example.org\n"))), []);
        assert_eq!(line_width(&Source::new("README.md", &wide)), []);
    }
}
