use shardscope_core::sim::swarm;
fn main() {
    let seed = std::env::args().nth(1).unwrap().parse::<u64>().unwrap();
    let (o, w, c) = swarm::run_kept(seed);
    println!("{o:?}");
    println!("{:?}", w.scenario());
    for n in w.servers() {
        println!(
            "{} down {} paused {} writing {} backlog {}",
            n.id(),
            n.is_down(),
            n.is_paused(),
            n.is_writing(),
            n.backlog()
        );
        if let Some(s) = n.server() {
            println!(
                "   {:?} {:?} commit {} last {} base {} lost {}",
                s.replica().hard_state(),
                s.replica().role(),
                s.replica().commit(),
                s.replica().log().last(),
                s.replica().log().base(),
                s.replica().has_lost_disk()
            );
        }
    }
    println!("{:?}", w.cuts().collect::<Vec<_>>());
    let k = c.trace.end();
    let n: u64 = std::env::args().nth(2).map_or(80, |a| a.parse().unwrap());
    for l in c.trace.range(k.saturating_sub(n)..k) {
        println!("{}", l.text(w.scenario()));
    }
}
