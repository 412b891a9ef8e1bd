//! What makes no sense: exit code 2, and one sentence on the standard error.

use std::fs;

use super::{folder, said};

/// Arguments, and what is said of them.
const WRONG: [(&[&str], &str); 41] = [
    (&[], "Usage"),
    (&["swep"], "sweep"),
    (&["--josn", "mutants"], "--json"),
    (&["run"], "<SCRIPT>"),
    (&["run", "none.script"], "none.script: there is no such file"),
    (&["run", "."], "it is a folder"),
    (&["run", "empty"], "empty, line 1, column 1: The script is empty"),
    (&["run", "bytes"], "bytes, line 2: this is not UTF-8"),
    (&["run", "a", "b"], "unexpected argument 'b'"),
    (&["replay", "#run="], "The link is empty"),
    (&["replay", "#run=AAAA"], "damaged or cut off"),
    (&["replay", "http://127.0.0.1:8080/#run=%"], "copy it again"),
    (&["replay", "none"], "none: there is no such file"),
    (&["sweep"], "--seeds"),
    (&["sweep", "--seeds", "7"], "write two whole numbers, as in 0..1000"),
    (&["sweep", "--seeds", "7..7"], "there is no seed from 7 up to 7"),
    (&["sweep", "--seeds", "9..7"], "the second is larger"),
    (&["sweep", "--seeds=-1..7"], "write two whole numbers"),
    (&["sweep", "--seeds", "0..1", "--profile", "paxos"], "raft, kv, shard"),
    (&["sweep", "--seeds", "0..1", "--jobs", "0"], "--jobs"),
    (&["sweep", "--seeds", "0..1", "--jobs", "many"], "--jobs"),
    (&["sweep", "--seeds", "0..1", "--shard", "1/1"], "there is none with number 1"),
    (&["sweep", "--seeds", "0..1", "--shard", "0/0"], "there is none with number 0"),
    (&["sweep", "--seeds", "0..1", "--shard", "half"], "as in 0/4"),
    (&["sweep", "--seeds", "0..1", "--mutant", "R999"], "`shardscope mutants` lists them all"),
    (&["sweep", "--seeds", "0..1", "--resume"], "--out"),
    (&["sweep", "--seeds", "0..1", "--out", "none/file"], "look at the path"),
    (&["sweep", "--seeds", "0..1", "--out", "stale", "--resume"], "no file of a sweep"),
    (&["sweep", "--seeds", "0..1", "--seeds", "1..2"], "cannot be used multiple times"),
    (&["merge"], "<FILES>"),
    (&["merge", "stale"], "stale, line 1: this is no file of a sweep"),
    (&["merge", "empty"], "empty: this is no file of a sweep"),
    (&["check", "none"], "none: there is no such file"),
    (&["check", "empty"], "empty, line 1, column 1: The file is empty"),
    (&["check", "stale", "--format", "jepsen"], "no entry in it that is read as jepsen"),
    (&["check", "stale", "--format", "xml"], "write json, edn or jepsen"),
    (&["check", "stale", "--model", "eventual"], "linearizable, sequential, session, all"),
    (&["export"], "<SOURCE|--seed <SEED>>"),
    (&["export", "stale", "--seed", "7"], "cannot be used with"),
    (&["export", "stale", "--format", "script"], "which has no script: write json or edn"),
    (&["conform", "--filter", "nothing"], "`conform --list` prints them all"),
];

#[test]
fn mistakes_are_told_in_one_sentence_and_end_with_2() {
    let here = folder();
    let write = |name: &str, bytes: &[u8]| {
        fs::write(here.path().join(name), bytes).expect("there is room");
    };
    write("empty", b"");
    write("bytes", b"shardscope script 1\n\xff");
    write("stale", b"{:process 0, :type :invoke, :f :get, :key \"x\", :value nil}\n");
    let mut other = Vec::new();
    for (args, expected) in WRONG {
        let (code, out, error) = said(here.path(), args);
        if code != 2 || !out.is_empty() || !error.contains(expected) {
            other.push(format!("{args:?}: {code}, {out}{error}"));
        }
        assert!(!error.contains("panicked") && !error.contains('\u{1b}'), "{error}");
    }
    assert!(other.is_empty(), "{}", other.join("\n"));
    let more: [(&[&str], &str); 4] = [
        (&["export", "--profile", "kv", "stale"], "--seed"),
        (&["conform", "--list", "--seeds", "3"], "cannot be used with"),
        (&["mutants", "X1"], "`shardscope mutants` lists them all"),
        (&["completions", "tcsh"], "bash"),
    ];
    for (args, expected) in more {
        let (code, _, error) = said(here.path(), args);
        assert!(code == 2 && error.contains(expected), "{args:?}: {code}, {error}");
    }
}

#[test]
fn a_place_in_a_file_is_named() {
    let here = folder();
    let entry = "{:process 0, :type :invoke, :f :get, :key \"x\"}\n";
    fs::write(here.path().join("twice.edn"), entry.repeat(2)).expect("there is room");
    let (code, _, error) = said(here.path(), &["check", "twice.edn"]);
    assert_eq!(code, 2);
    let place = "shardscope: twice.edn, line 2, column 2: Process 0 calls while its call of line 1";
    assert!(error.starts_with(place), "{error}");
}
