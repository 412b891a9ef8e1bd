//! `cargo xtask test`: everything that must hold, in the order in which it is cheap to learn.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::browser;
use crate::digest;
use crate::page;
use crate::stage::{self, Stage};
use crate::target;
use crate::workspace::{WASM, Workspace};
use crate::{args::Profile, args::Test};

/// One thing that must hold.
struct Step {
    /// What the table and `--only` call it.
    name: &'static str,
    /// The command that does this and nothing else.
    alone: &'static str,
    run: fn(&Workspace, &Test) -> Result<()>,
}

const STEPS: [Step; 8] = [
    Step { name: "tools", alone: "cargo xtask test --only tools", run: tools },
    Step { name: "format", alone: "cargo fmt --check", run: format },
    Step {
        name: "lints",
        alone: "cargo clippy --workspace --all-targets -- -D warnings",
        run: lints,
    },
    Step {
        name: "lints-wasm",
        alone: "cargo clippy -p shardscope-core -p shardscope-judge -p shardscope-web \
                --target wasm32-unknown-unknown -- -D warnings",
        run: lints_wasm,
    },
    Step { name: "native", alone: "cargo test --workspace", run: native },
    Step { name: "wasm", alone: "cargo xtask test --only wasm", run: wasm },
    Step { name: "page", alone: "cargo xtask build", run: build },
    Step { name: "browser", alone: "cargo xtask test --only browser", run: drive },
];

/// What became of a step.
enum Verdict {
    Passed(Duration),
    Failed(Duration),
    LeftOut,
}

/// Runs the steps, or the one that was asked for, up to the first that fails; then says how long
/// each took.
pub(crate) fn check(workspace: &Workspace, test: &Test) -> Result<()> {
    if let Some(only) = &test.only
        && !STEPS.iter().any(|step| step.name == only)
    {
        let names = STEPS.map(|step| step.name).join(", ");
        bail!("there is no step '{only}'; the steps are {names}");
    }
    let mut verdicts = Vec::new();
    let mut failure = None;
    for step in &STEPS {
        if test.only.as_ref().is_some_and(|only| only != step.name) {
            continue;
        }
        let (verdict, error) = take(step, workspace, test);
        verdicts.push((step.name, verdict));
        if let Some(error) = error {
            failure = Some((step, error));
            break;
        }
    }
    println!("\n{}", table(&verdicts));
    match failure {
        None => Ok(()),
        Some((step, error)) => {
            let Step { name, alone, .. } = step;
            bail!("step '{name}' failed: {error:#}\n`{alone}` shows it alone")
        }
    }
}

fn take(step: &Step, workspace: &Workspace, test: &Test) -> (Verdict, Option<anyhow::Error>) {
    if step.name == "browser" && test.no_browser {
        return (Verdict::LeftOut, None);
    }
    println!("\n== {}", step.name);
    let start = Instant::now();
    match (step.run)(workspace, test) {
        Ok(()) => (Verdict::Passed(start.elapsed()), None),
        Err(error) => (Verdict::Failed(start.elapsed()), Some(error)),
    }
}

fn table(verdicts: &[(&str, Verdict)]) -> String {
    let row = |(name, verdict): &(&str, Verdict)| match verdict {
        Verdict::Passed(time) => format!("{name:<12}{:>8.1}  passed", time.as_secs_f32()),
        Verdict::Failed(time) => format!("{name:<12}{:>8.1}  FAILED", time.as_secs_f32()),
        Verdict::LeftOut => format!("{name:<12}{:>8}  left out: --no-browser", "-"),
    };
    let rows: Vec<String> = verdicts.iter().map(row).collect();
    format!("{:<12}{:>8}  verdict\n{}", "step", "seconds", rows.join("\n"))
}

/// Finds or gets what the later steps need: nobody wants to learn of it at the end.
fn tools(_: &Workspace, test: &Test) -> Result<()> {
    target::ensure()?;
    if !test.no_browser {
        let programs = browser::find_or_install()?;
        println!("{} and {}", programs.browser.display(), programs.driver.display());
    }
    Ok(())
}

fn format(workspace: &Workspace, _: &Test) -> Result<()> {
    succeed(workspace.cargo().args(["fmt", "--check"]))
}

fn lints(workspace: &Workspace, _: &Test) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    succeed(&mut cargo)
}

fn lints_wasm(workspace: &Workspace, _: &Test) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["clippy", "--package", "shardscope-core", "--package", "shardscope-judge"]);
    cargo.args(["--package", "shardscope-web"]);
    cargo.args(["--target", WASM, "--", "-D", "warnings"]);
    succeed(&mut cargo)
}

fn native(workspace: &Workspace, test: &Test) -> Result<()> {
    succeed(test.tell(workspace.cargo().args(["test", "--workspace"])))
}

fn wasm(workspace: &Workspace, _: &Test) -> Result<()> {
    digest::core_imports_nothing(workspace)
}

fn build(workspace: &Workspace, _: &Test) -> Result<()> {
    let built = page::build(workspace, Profile::Release)?;
    println!("{built}");
    built.weight.check()
}

/// The page and the digests in a real browser. What is built already is not built again.
fn drive(workspace: &Workspace, test: &Test) -> Result<()> {
    let digests = stage::serve_quietly(&digest::build(workspace)?)?;
    let stage = Stage::set(&page::build(workspace, Profile::Release)?.dist)?;
    let mut cargo = workspace.cargo();
    // The whole workspace with one test: its dependencies are then those of step 'native'.
    cargo.args(["test", "--workspace", "--test", "page", "--", "--ignored"]).args(&test.rest);
    cargo.env("SHARDSCOPE_DIGEST", digests);
    stage.tell(workspace, &mut cargo);
    succeed(test.tell(&mut cargo))
}

fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().context("cargo could not be started")?;
    if !status.success() {
        bail!("cargo says why above");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_aligned_and_tells_what_was_left_out() {
        let time = Duration::from_millis(12_340);
        let verdicts =
            [("format", Verdict::Passed(time)), ("lints-wasm", Verdict::Failed(time)), {
                ("browser", Verdict::LeftOut)
            }];
        let expected = "step         seconds  verdict\n\
                        format          12.3  passed\n\
                        lints-wasm      12.3  FAILED\n\
                        browser            -  left out: --no-browser";
        assert_eq!(table(&verdicts), expected);
    }
}
