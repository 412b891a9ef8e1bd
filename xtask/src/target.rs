//! The compilation target of browsers: added when it is missing.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::WASM;

/// Makes sure that Rust's standard library for the browser is there.
pub(crate) fn ensure() -> Result<()> {
    if present()? {
        return Ok(());
    }
    println!("Adding Rust's {WASM} target, which the page is compiled for.");
    match Command::new("rustup").args(["target", "add", WASM]).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!(
            "the {WASM} target could not be added: run `rustup target add {WASM}` \
             where the network is reachable"
        ),
        Err(_) => bail!(
            "the {WASM} target is missing and rustup was not found: install the target with \
             whatever installed Rust, or get rustup (https://rustup.rs) and run \
             `rustup target add {WASM}`"
        ),
    }
}

/// Whether the compiler in use can already build for the browser.
///
/// The compiler itself is asked, because Rust need not come from rustup.
fn present() -> Result<bool> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM]);
    let output = rustc.output().context("rustc could not be started")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    Ok(output.status.success() && folder.is_dir())
}
