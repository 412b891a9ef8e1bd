//! The commands of the README, and nothing clever: `cargo xtask serve` and `cargo xtask test`.
//!
//! Everything here is an ordinary dependency, locked in Cargo.lock, so a stock Rust toolchain is
//! all that a reader needs: no bundler, no wasm tool, no script in another language.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command talks to whoever called it")]

mod args;
mod bench;
mod browser;
mod check;
mod digest;
mod index;
mod lean;
mod page;
mod serve;
mod shot;
mod stage;
mod target;
mod weight;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, anyhow};

use crate::args::{Command, USAGE};
use crate::workspace::Workspace;

fn main() -> ExitCode {
    // The text of a mistake in the arguments holds its cause already.
    let command = args::parse(lexopt::Parser::from_env()).map_err(|error| anyhow!("{error}"));
    match command.and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Help => {
            println!("{USAGE}");
            Ok(())
        }
        Command::Build { profile } => {
            let workspace = Workspace::find()?;
            let built = page::build(&workspace, profile)?;
            println!("{built}");
            Ok(())
        }
        Command::Serve { profile, port, open } => {
            let workspace = Workspace::find()?;
            // Ask for the port first: nobody wants to learn after a long build that it is taken.
            let server = serve::bind(port)?;
            let built = page::build(&workspace, profile)?;
            println!("{built}");
            serve::forever(server, &built.dist, open)
        }
        Command::Test(test) => check::check(&Workspace::find()?, &test),
        Command::Bench => bench::bench(&Workspace::find()?),
        Command::Shot { profile, url, steps } => {
            shot::shoot(&Workspace::find()?, profile, url, &steps)
        }
    }
}
