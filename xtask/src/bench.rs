//! The figures of `benches/`, natively and in a JavaScript engine, side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::args::Profile;
use crate::page;
use crate::shot;
use crate::target;
use crate::workspace::Workspace;

const PACKAGE: [&str; 2] = ["--package", "shardscope-bench"];

/// The module that node runs, beside the bound program.
const MAIN: &str = "process.stdout.write(require(\"./figures-wasm.js\").figures());\n";

/// A figure: its name, how much, and of what.
type Figure = (String, f64, String);

/// Measures and prints. A figure fails nothing: it is for a person to judge.
pub(crate) fn bench(workspace: &Workspace) -> Result<()> {
    target::ensure()?;
    let wasm = build(workspace)?;
    let mut native = Vec::new();
    for bin in ["figures", "memory"] {
        let mut cargo = workspace.cargo();
        native
            .extend(figures(cargo.arg("run").arg("--release").args(PACKAGE).args(["--bin", bin]))?);
    }
    let wasm = figures(Command::new("node").arg(&wasm)).context(
        "the figures in wasm need `node` on the PATH (on Debian: apt-get install nodejs)",
    )?;
    println!("{}", table(&native, &wasm));
    println!("in virtual time");
    for bin in ["protocol", "cluster"] {
        let mut cargo = workspace.cargo();
        let run = cargo.args(["run", "--release"]).args(PACKAGE).args(["--bin", bin]);
        for (name, value, unit) in figures(run)? {
            println!("{name:<40}{value:>10.2}  {unit}");
        }
    }
    println!();
    shot::run(workspace, "frames", Profile::Release, None, &[])
}

/// Builds the program for node and says which file starts it.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let wasm =
        workspace.build_wasm("figures-wasm", ["--profile=page"].into_iter().chain(PACKAGE))?;
    let folder = wasm.parent().unwrap_or(Path::new(".")).join("figures-node");
    page::empty(&folder)?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&wasm).nodejs(true)?.typescript(false);
    bindgen.generate(&folder).with_context(|| format!("{} could not be bound", wasm.display()))?;
    let main = folder.join("main.js");
    fs::write(&main, MAIN)?;
    Ok(main)
}

/// What a program prints: a line per figure, its parts between tabs.
fn figures(command: &mut Command) -> Result<Vec<Figure>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stderr(std::process::Stdio::inherit()).output();
    let output = output.with_context(|| format!("{program} could not be started"))?;
    if !output.status.success() {
        bail!("{program} failed; it says why above");
    }
    let text = String::from_utf8(output.stdout).context("figures are text")?;
    text.lines().map(read).collect()
}

fn read(line: &str) -> Result<Figure> {
    let parts: Vec<&str> = line.split('\t').collect();
    let &[name, value, unit] = parts.as_slice() else { bail!("no figure: {line}") };
    let value = value.parse().with_context(|| format!("no number: {line}"))?;
    Ok((name.to_owned(), value, unit.to_owned()))
}

fn table(native: &[Figure], wasm: &[Figure]) -> String {
    let mut text = format!("{:<28}{:>10}{:>10}  {:<11}ratio\n", "", "native", "wasm", "");
    for (name, here, unit) in native {
        let there = wasm.iter().find(|(other, ..)| other == name).map(|(_, value, _)| *value);
        let there = there.unwrap_or(f64::NAN);
        let ratio = there / here;
        text += &format!("{name:<28}{here:>10.3}{there:>10.3}  {unit:<11}{ratio:.2}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_side_by_side() {
        let native = [read("seek, median\t0.500\tms").unwrap()];
        let wasm = [read("seek, median\t0.750\tms").unwrap()];
        let expected = "                                native      wasm             ratio\n\
                        seek, median                     0.500     0.750  ms         1.50\n";
        assert_eq!(table(&native, &wasm), expected);
        assert!(read("a figure without tabs").is_err());
        assert!(read("a\tb\tc").is_err());
    }
}
