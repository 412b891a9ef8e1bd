//! Where the workspace is, and how cargo is called in it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The triple that browsers run.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The root folder of this repository.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
}

impl Workspace {
    /// Finds the root from where cargo says that this package is.
    pub(crate) fn find() -> Result<Self> {
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .context("this runs as `cargo xtask <command>`, not by itself")?;
        let root = Path::new(&package).parent().context("xtask must lie inside a workspace")?;
        Ok(Self { root: root.to_owned() })
    }

    /// A file or folder of the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The same cargo that runs this command, called at the root.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        command
    }

    /// Compiles one binary for the browser and says where cargo put it.
    ///
    /// Cargo is asked for the place rather than guessed at: the target folder can be moved by an
    /// environment variable or a configuration file.
    pub(crate) fn build_wasm<S: AsRef<OsStr>>(
        &self,
        bin: &str,
        options: impl IntoIterator<Item = S>,
    ) -> Result<PathBuf> {
        let mut cargo = self.cargo();
        cargo.args(["build", "--target", WASM, "--message-format", "json-render-diagnostics"]);
        cargo.args(["--bin", bin]).args(options);
        let output = cargo.stdout(Stdio::piped()).stderr(Stdio::inherit()).output();
        let output = output.context("cargo could not be started")?;
        if !output.status.success() {
            bail!("`{bin}` does not compile for {WASM}; cargo says why above");
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        messages.lines().rev().find_map(|line| artefact(line, bin)).with_context(|| {
            format!("cargo built `{bin}`, but did not say where the file with its code is")
        })
    }
}

/// The wasm file that this message of cargo's reports for the binary `bin`.
fn artefact(line: &str, bin: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_bin = message["target"]["kind"][0] == "bin" && message["target"]["name"] == bin;
    let files = message["filenames"].as_array().filter(|_| is_bin)?;
    let wasm = |file: &&str| file.ends_with(".wasm");
    files.iter().filter_map(Value::as_str).find(wasm).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_among_cargos_messages() {
        let line = r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"page"},
            "filenames":["/t/page.js","/t/page.wasm"]}"#;
        assert_eq!(artefact(line, "page"), Some(PathBuf::from("/t/page.wasm")));
        assert_eq!(artefact(line, "other"), None);
        assert_eq!(artefact(r#"{"reason":"build-finished","success":true}"#, "page"), None);
        assert_eq!(artefact("   Compiling page", "page"), None);
    }
}
