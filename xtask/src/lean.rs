//! Makes a bound program lighter without changing what it does.
//!
//! wasm-bindgen names each import after its JavaScript with a hash, in both files; no hash can be
//! compressed, so they get short names. And it puts the functions in order of size. Compression
//! finds again what stood in the last 32 KB, so functions that are alike stand together here.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, ImportSection, Module};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, FunctionBody, FunctionSectionReader, Import,
    ImportSectionReader, Parser, Payload, TypeRef,
};

/// Functions are alike by the sequences of so many bytes that they share.
const SEQUENCE: usize = 4;

/// A sequence that more functions have tells nothing.
const COMMON: usize = 300;

/// Code and its JavaScript, lighter.
pub(crate) fn lighten(wasm: &[u8], js: &str) -> Result<(Vec<u8>, String)> {
    let (names, bodies) = read(wasm).context("the code of the page could not be read")?;
    let (names, js) = shorten(names, js);
    let js = without_comments(&js);
    let order = neighbours(&bodies);
    let mut places = vec![0; order.len()];
    for (place, old) in order.iter().enumerate() {
        places[*old] = place as u32;
    }
    let imported = names.len() as u32;
    let mut rewriter = Rewriter { names: names.into_iter(), imported, order, places };
    let mut module = Module::new();
    utils::parse_core_module(&mut rewriter, &mut module, Parser::new(0), wasm)
        .context("the code of the page could not be rewritten")?;
    let wasm = module.finish();
    wasmparser::validate(&wasm).context("the rewritten code of the page is not valid")?;
    Ok((wasm, js))
}

/// The JavaScript without the comments that stand on lines of their own, and without indentation.
fn without_comments(js: &str) -> String {
    let mut inside = false;
    let mut kept = String::with_capacity(js.len());
    for line in js.lines().map(str::trim_start) {
        inside |= line.starts_with("/*");
        if !inside && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
        inside &= !line.ends_with("*/");
    }
    kept
}

/// The names of the imported functions, and the code of the others.
fn read(wasm: &[u8]) -> Result<(Vec<String>, Vec<&[u8]>)> {
    let (mut names, mut bodies) = (Vec::new(), Vec::new());
    for part in Parser::new(0).parse_all(wasm) {
        match part? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    if is_function(&import) {
                        names.push(import.name.to_owned());
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(&wasm[body.range()]),
            _ => {}
        }
    }
    Ok((names, bodies))
}

const fn is_function(import: &Import<'_>) -> bool {
    matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_))
}

/// Short names for imports, in the JavaScript too. A name that does not stand there exactly once,
/// as a field's, stays as it is.
fn shorten(names: Vec<String>, js: &str) -> (Vec<String>, String) {
    let mut js = js.to_owned();
    let rename = |(number, name): (usize, String)| {
        let (short, field) = (format!("i{number}"), format!(" {name}: "));
        if js.matches(&name).count() != 1 || !js.contains(&field) {
            return name;
        }
        js = js.replace(&field, &format!(" {short}: "));
        short
    };
    let names = names.into_iter().enumerate().map(rename).collect();
    (names, js)
}

/// An order in which each function is followed by the one that is most like it.
fn neighbours(bodies: &[&[u8]]) -> Vec<usize> {
    let sequences: Vec<BTreeSet<&[u8]>> =
        bodies.iter().map(|body| body.windows(SEQUENCE).collect()).collect();
    let mut owners: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (function, sequences) in sequences.iter().enumerate() {
        for sequence in sequences {
            owners.entry(sequence).or_default().push(function);
        }
    }
    owners.retain(|_, owners| (2..=COMMON).contains(&owners.len()));
    let mut left: BTreeSet<usize> = (0..bodies.len()).collect();
    let mut order = Vec::with_capacity(bodies.len());
    let mut next = left.first().copied();
    while let Some(last) = next {
        left.remove(&last);
        order.push(last);
        let mut shared = vec![0usize; bodies.len()];
        let known = sequences[last].iter().filter_map(|sequence| owners.get(sequence));
        known.flatten().for_each(|owner| shared[*owner] += 1);
        let likeness = |function: &usize| {
            let most = sequences[last].len().max(sequences[*function].len()).max(1);
            (shared[*function] * 10_000 / most, usize::MAX - *function)
        };
        next = left.iter().copied().max_by_key(likeness);
    }
    order
}

/// Writes a module again: imports under their new names, functions in their new order, and no
/// sections that are for tools only.
struct Rewriter {
    names: std::vec::IntoIter<String>,
    imported: u32,
    /// The old numbers of the functions with code, in the new order.
    order: Vec<usize>,
    /// Where each of them stands now.
    places: Vec<u32>,
}

type Done = Result<(), Error<Infallible>>;

impl Reencode for Rewriter {
    type Error = Infallible;

    fn function_index(&mut self, old: u32) -> Result<u32, Error<Infallible>> {
        let inside = old.checked_sub(self.imported);
        Ok(inside.map_or(old, |inside| self.imported + self.places[inside as usize]))
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Done {
        for import in section.into_imports() {
            let import = import?;
            let short = is_function(&import).then(|| self.names.next()).flatten();
            let ty = self.entity_type(import.ty)?;
            imports.import(import.module, short.as_deref().unwrap_or(import.name), ty);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Done {
        let types = section.into_iter().collect::<Result<Vec<u32>, _>>()?;
        for old in self.order.clone() {
            functions.function(self.type_index(types[old])?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Done {
        let bodies = section.into_iter().collect::<Result<Vec<FunctionBody<'_>>, _>>()?;
        for old in self.order.clone() {
            self.parse_function_body(code, bodies[old].clone())?;
        }
        Ok(())
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: CustomSectionReader<'_>) -> Done {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{EntityType, ExportKind, ExportSection, Function, TypeSection, ValType};

    use super::*;

    /// A module with an import and functions that return numbers, each exported by its number.
    fn module(numbers: &[i32]) -> Vec<u8> {
        let (mut types, mut imports) = (TypeSection::new(), ImportSection::new());
        types.ty().function([], [ValType::I32]);
        imports.import("./page_bg.js", "__wbg_now_0123456789abcdef", EntityType::Function(0));
        let (mut functions, mut exports) = (FunctionSection::new(), ExportSection::new());
        let mut code = CodeSection::new();
        for (index, number) in (1..).zip(numbers) {
            functions.function(0);
            exports.export(&number.to_string(), ExportKind::Func, index);
            let mut function = Function::new([]);
            function.instructions().i32_const(*number).call(0).i32_add().end();
            code.function(&function);
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&exports);
        module.section(&code);
        module.finish()
    }

    /// What each export returns before it calls the import.
    fn meaning(wasm: &[u8]) -> BTreeMap<String, u8> {
        let (_, bodies) = read(wasm).unwrap();
        let mut meaning = BTreeMap::new();
        for part in Parser::new(0).parse_all(wasm) {
            if let Payload::ExportSection(exports) = part.unwrap() {
                for export in exports {
                    let export = export.unwrap();
                    // No locals, then `i32.const` and a number of one byte.
                    meaning.insert(export.name.into(), bodies[export.index as usize - 1][2]);
                }
            }
        }
        meaning
    }

    #[test]
    fn functions_change_places_and_nothing_else() {
        let wasm = module(&[1, 40, 2, 41, 3]);
        let js = "const import0 = {\n    __wbg_now_0123456789abcdef: function() {}\n};\n";
        let (light, glue) = lighten(&wasm, js).unwrap();
        assert_eq!(glue, "const import0 = {\ni0: function() {}\n};\n");
        assert_eq!(read(&light).unwrap().0, ["i0"]);
        assert_eq!(meaning(&light), meaning(&wasm));
        assert_eq!(meaning(&light)["41"], 41);
    }

    #[test]
    fn like_functions_are_neighbours() {
        let bodies: [&[u8]; 4] = [b"abcdefgh", b"stuvwxyz", b"abcdefgi", b"stuvwxy."];
        assert_eq!(neighbours(&bodies), [0, 2, 1, 3]);
    }

    #[test]
    fn a_name_that_is_not_a_field_stays() {
        let names = || vec!["now".to_owned()];
        let twice = "{ now: 1 } + now";
        assert_eq!(shorten(names(), twice), (names(), twice.into()));
        assert_eq!(shorten(names(), "now()"), (names(), "now()".into()));
    }

    #[test]
    fn comments_go_and_statements_stay() {
        let js = "/**\n * @param {number} x\n */\nfunction f(x) {\n    // why\n    \
                  return `/*${x}*/`;\n}\n/* one */\nf(1);\n";
        assert_eq!(without_comments(js), "function f(x) {\nreturn `/*${x}*/`;\n}\nf(1);\n");
    }
}
