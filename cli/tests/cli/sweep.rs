//! Sweeps: the same for any number of jobs, in parts, and after a stop.

use std::fs;
use std::path::Path;

use shardscope_core::sim::swarm;
use shardscope_core::sim::swarm::coverage::Sometimes;

use super::{folder, said};

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).expect("it is there")
}

#[test]
fn no_result_depends_on_the_number_of_jobs() {
    let here = folder();
    let sweep = |jobs: &str, file: &str| {
        let args = ["sweep", "--seeds", "0..6", "--jobs", jobs, "--out", file];
        let (code, out, error) = said(here.path(), &args);
        assert_eq!((code, error.as_str()), (0, ""), "{out}");
        (out, read(here.path(), file))
    };
    assert_eq!(sweep("1", "one"), sweep("3", "three"));
}

#[test]
fn shares_add_up_to_the_whole() {
    let here = folder();
    let whole = said(here.path(), &["sweep", "--seeds", "10..17", "--out", "whole"]).1;
    for share in ["0/3", "1/3", "2/3"] {
        let file = share.replace('/', "-");
        let args = ["sweep", "--seeds", "10..17", "--shard", share, "--out", &file];
        assert_eq!(said(here.path(), &args).0, 0, "{share}");
    }
    let (code, merged, _) = said(here.path(), &["merge", "2-3", "0-3", "1-3"]);
    assert_eq!((code, merged), (0, whole));
    let (code, part, _) = said(here.path(), &["merge", "2-3", "0-3"]);
    assert_eq!(code, 3, "what is missing is not known");
    assert!(part.contains("2 missing"), "{part}");
    let (code, _, error) = said(here.path(), &["merge", "0-3", "0-3"]);
    assert!(code == 2 && error.contains("twice"), "{error}");
    said(here.path(), &["sweep", "--seeds", "0..1", "--out", "other"]);
    let (code, _, error) = said(here.path(), &["merge", "0-3", "other"]);
    assert!(code == 2 && error.contains("two sweeps"), "{error}");
}

#[test]
fn a_sweep_that_was_cut_off_goes_on_to_the_same_file() {
    let here = folder();
    let args = ["sweep", "--seeds", "0..6", "--out", "file"];
    let (_, whole, _) = said(here.path(), &args);
    let text = read(here.path(), "file");
    let (code, _, error) = said(here.path(), &args);
    assert!(code == 2 && error.contains("--resume"), "{error}");
    let resume = [&args[..], &["--resume"]].concat();
    // In the header, behind it, inside a line, behind a line, and at the end.
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
    for length in [0, 10, ends[0], ends[2] - 8, ends[2], text.len()] {
        fs::write(here.path().join("file"), &text[..length]).expect("there is room");
        let (code, out, error) = said(here.path(), &resume);
        assert_eq!((code, &out), (0, &whole), "{length}: {error}");
        assert_eq!(read(here.path(), "file"), text, "{length}");
    }
    let other = ["sweep", "--seeds", "0..7", "--out", "file", "--resume"];
    let (code, _, error) = said(here.path(), &other);
    assert!(code == 2 && error.contains("another sweep"), "{error}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_a_file_to_go_on_with() {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    let here = folder();
    let args = ["sweep", "--seeds", "0..5000", "--jobs", "2", "--out", "file"];
    let child = Command::new(assert_cmd::cargo::cargo_bin("shardscope"))
        .args(args)
        .current_dir(here.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    // A header and at least one result.
    while fs::read_to_string(here.path().join("file")).map_or(0, |text| text.lines().count()) < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("it is sent").success());
    let output = child.wait_with_output().expect("it ends");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{out}");
    assert!(out.contains("--resume goes on from file"), "{out}");
    // All it kept is whole.
    let text = read(here.path(), "file");
    assert!(text.ends_with('\n') && text.lines().count() >= 2, "{text}");
    let (code, out, _) = said(here.path(), &["merge", "file"]);
    assert!(code == 3 && out.contains("0 violated"), "{out}");
}

#[test]
fn a_violation_has_a_seed_a_script_and_a_link() {
    let here = folder();
    let args = ["sweep", "--seeds", "0..2", "--mutant", "R17", "--shrink", "1"];
    let (code, out, _) = said(here.path(), &args);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("seed 0, violated: RI-10 at step "), "{out}");
    let script = "shardscope-failures/raft-R17-0.script";
    assert!(out.contains(&format!("seed 0, as a script: {script}\n")), "{out}");
    // The script expects what it shows.
    assert_eq!(said(here.path(), &["run", "--verdict", script]).0, 0);
    let link = out.lines().find_map(|line| line.trim().strip_prefix("http")).expect("a link");
    let (code, told, _) = said(here.path(), &["replay", &format!("http{link}")]);
    assert!(code == 1 && told.contains("RI-10"), "{told}");
}

#[test]
fn every_profile_has_runs() {
    let here = folder();
    for profile in ["raft", "kv", "shard"] {
        let args = ["sweep", "--seeds", "0..1", "--profile", profile, "--json"];
        let (code, out, _) = said(here.path(), &args);
        let total: serde_json::Value = serde_json::from_str(&out).expect(&out);
        assert_eq!((code, total["runs"].as_u64()), (0, Some(1)), "{profile}: {out}");
    }
}

#[test]
fn what_a_sweep_went_through_is_counted() {
    let here = folder();
    let args = ["sweep", "--seeds", "0..4", "--out", "file", "--json"];
    let total: serde_json::Value =
        serde_json::from_str(&said(here.path(), &args).1).expect("it is an object");
    let outcomes: Vec<_> = (0..4).map(swarm::run).collect();
    let often = |at: usize| outcomes.iter().map(|it| u64::from(it.faults[at].1)).sum::<u64>();
    for (at, name) in swarm::faults(false).enumerate() {
        assert_eq!(total["faults"][name], often(at), "{name}");
    }
    assert!((0..swarm::faults(false).count()).any(|at| often(at) > 0));
    for (state, words) in Sometimes::ALL {
        let runs = outcomes.iter().filter(|it| it.coverage.has(*state)).count();
        let told = total["met"][words].as_u64();
        assert_eq!(told, (!state.is_sharded()).then_some(runs as u64), "{words}");
    }
    let (code, out, _) = said(here.path(), &["merge", "file", "--reached"]);
    let crashes = format!("\n{:>12}  crash\n", often(0));
    assert!(code == 0 && out.contains(&crashes), "{out}");
    assert!(out.contains("\n           4  a leader is elected\n"), "{out}");
}
