//! Simulated uploads: what every vendor's have to withstand, and what there is at one vendor alone.

mod all_vendors;
mod bug_base;
mod cos_v1;
mod cos_v2;
mod cos_xml;
mod oss;
mod p115;
mod s3;
mod xfyun;
