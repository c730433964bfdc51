//! Simulated uploads under a virtual clock with seeded faults and crashes.
