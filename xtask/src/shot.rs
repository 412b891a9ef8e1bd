//! Pictures of the page, for whoever works on it.

use std::env;
use std::ffi::OsString;

use anyhow::{Context, Result, bail};

use crate::args::Profile;
use crate::page;
use crate::stage::Stage;
use crate::workspace::Workspace;

/// Shows the page to a browser and has it take `steps`; see `tests/page/examples/shot.rs`.
///
/// With a `url`, what is served there is shown; without, the page is built first.
pub(crate) fn shoot(
    workspace: &Workspace,
    profile: Profile,
    url: Option<String>,
    steps: &[OsString],
) -> Result<()> {
    run(workspace, "shot", profile, url, steps)
        .context("no picture was taken; `cargo xtask shot --help` lists the steps")
}

/// Runs an example of `tests/page` with the page before it.
pub(crate) fn run(
    workspace: &Workspace,
    example: &str,
    profile: Profile,
    url: Option<String>,
    steps: &[OsString],
) -> Result<()> {
    let mut cargo = workspace.cargo();
    // Files are named from where the caller stands.
    cargo.current_dir(env::current_dir().context("there is no current folder")?);
    cargo.args(["run", "--quiet", "--example", example, "--manifest-path"]);
    cargo.arg(workspace.path("tests/page/Cargo.toml")).arg("--").args(steps);
    let asks_for_help = steps.iter().any(|step| step == "--help");
    let stage = match url {
        _ if asks_for_help => None,
        Some(url) => Some(Stage::around(url)?),
        None => Some(Stage::set(&page::build(workspace, profile)?.dist)?),
    };
    if let Some(stage) = &stage {
        stage.tell(workspace, &mut cargo);
    }
    if !cargo.status().context("cargo could not be started")?.success() {
        bail!("the example {example} says above what went wrong");
    }
    Ok(())
}
