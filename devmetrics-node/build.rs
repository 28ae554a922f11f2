//! Lets the addon find its symbols in the Node that loads it, where the linker asks for that.

fn main() {
    napi_build::setup();
}
