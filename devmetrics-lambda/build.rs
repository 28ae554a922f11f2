//! Links functions smaller: without their unwind tables, a tenth of them, and with equal code once.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=without-unwind-tables.ld");
    let is = |name: &str, value: &str| var(name).is_ok_and(|found| found == value);
    // Nobody reads the tables in the profile `function`, where a panic aborts. Cargo does not tell this script of panics, but
    // of `opt-level`, which is "z" in that profile alone.
    if !is("OPT_LEVEL", "z") || !is("CARGO_CFG_TARGET_OS", "linux") {
        return;
    }
    if let Ok(folder) = var("CARGO_MANIFEST_DIR") {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/without-unwind-tables.ld");
    }
    // Where Rust brings its linker, that is LLD; elsewhere it may be one without this option.
    if is("CARGO_CFG_TARGET_ARCH", "x86_64") {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}
