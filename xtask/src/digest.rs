//! The core as a browser runs it: what it imports, and the digests of its runs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasmparser::{Parser, Payload};

use crate::args::Profile;
use crate::page;
use crate::target;
use crate::workspace::Workspace;

/// The package with both programs: see `tests/digest`.
const PACKAGE: [&str; 3] = ["--profile=page", "--package", "shardscope-digest"];

/// A page on which a test imports the program by itself.
const HTML: &str = "<!doctype html><meta charset=\"utf-8\"><title>Digests</title>\n\
                    <link rel=\"icon\" href=\"data:,\">\n";

/// Holds the core to its promise that nothing from outside can reach it: compiled alone for a
/// browser, it imports nothing.
pub(crate) fn core_imports_nothing(workspace: &Workspace) -> Result<()> {
    target::ensure()?;
    let file = workspace.build_wasm("digest-alone", PACKAGE)?;
    let code = fs::read(&file).with_context(|| format!("{} is not readable", file.display()))?;
    let found = imports(&code)?;
    if !found.is_empty() {
        bail!("the core must import nothing, yet it imports {}", found.join(", "));
    }
    println!("The core, alone, is {} KB of wasm and imports nothing.", code.len().div_ceil(1000));
    Ok(())
}

/// Builds the folder from which a browser loads the program that computes digests.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    target::ensure()?;
    let wasm = workspace.build_wasm("digest-browser", PACKAGE)?;
    let mut program = page::bind(&wasm, Profile::Release)?;
    let folder = wasm.parent().unwrap_or(Path::new(".")).join("digest-page");
    page::empty(&folder)?;
    program.emit(&folder)?;
    fs::write(folder.join("index.html"), HTML)?;
    Ok(folder)
}

/// What a wasm module wants from its host, as `module.name`.
fn imports(code: &[u8]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(code) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                found.push(format!("{}.{}", import.module, import.name));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `\0asm`, version 1.
    const EMPTY: &[u8] = &[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

    #[test]
    fn imports_are_listed() {
        // One type, () -> (), and one imported function of it: `env.now`.
        let types = [1, 4, 1, 0x60, 0, 0];
        let wanted = [2, 11, 1, 3, b'e', b'n', b'v', 3, b'n', b'o', b'w', 0, 0];
        let code = [EMPTY, &types, &wanted].concat();
        assert_eq!(imports(&code).unwrap(), ["env.now"]);
        assert_eq!(imports(EMPTY).unwrap(), Vec::<String>::new());
        assert!(imports(b"not wasm").is_err());
    }
}
