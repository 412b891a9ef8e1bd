//! Shardscope from the command line: runs, sweeps, histories and tables.
//!
//! What comes out is the same whenever the same is asked: no result depends on the clock, on the
//! number of cores or on the order in which work ends.
#![forbid(unsafe_code)]

mod args;
mod catalogue;
mod check;
mod conform;
mod end;
mod export;
mod input;
mod link;
mod out;
mod play;
mod sweep;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Args, Command};
use crate::end::{End, Outcome};

fn main() -> ExitCode {
    let args = Args::parse();
    match carry_out(args) {
        Ok(end) => end.into(),
        Err(refusal) => {
            eprintln!("shardscope: {refusal}");
            End::Refused.into()
        }
    }
}

fn carry_out(Args { command, json, page }: Args) -> Outcome {
    match command {
        Command::Run(run) => play::run(&run, json, &page),
        Command::Replay { source } => play::replay(&source, json, &page),
        Command::Sweep(sweep) => sweep::sweep(&sweep, json, &page),
        Command::Merge { files, reached } => sweep::merge(&files, reached, json),
        Command::Check(check) => check::check(&check, json),
        Command::Export(export) => export::export(&export),
        Command::Conform(conform) => conform::conform(&conform, json),
        Command::Mutants(mutants) => catalogue::mutants(&mutants, json),
        Command::Completions { shell } => {
            let mut command = Args::command();
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut command, "shardscope", &mut text);
            out::text(format_args!("{}", String::from_utf8_lossy(&text)));
            Ok(End::Holds)
        }
    }
}
