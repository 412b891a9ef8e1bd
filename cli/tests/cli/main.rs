//! The program from outside: what it prints, and how it ends.

mod bad;
mod run;
mod sweep;

use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// The program, in a folder of its own.
fn shardscope(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("shardscope").expect("it was built");
    command.current_dir(folder).env("NO_COLOR", "1");
    command
}

/// What it printed, and how it ended.
fn said(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = shardscope(folder).args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints text");
    let code = output.status.code().expect("it ends by itself");
    (code, text(output.stdout), text(output.stderr))
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("there is room for a folder")
}

/// A script of the repository.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scripts").join(name)
}
