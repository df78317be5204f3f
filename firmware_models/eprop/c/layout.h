/* Sizes, constants and arrays of the e-prop firmware of one PE: all that its styles share.
 *
 * The letters and the layout are those of the Python model (kernels.py, state.py): matrices are
 * dense, in row order, a row for each own (postsynaptic) neuron; w_out and dw_out have a row for
 * each output. Sizes are variables, as of a firmware that is loaded once for many networks; the
 * arrays are as large as the largest network that may be measured, not as a PE's SRAM.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <stdint.h>

enum {
    MAX_OWN = 256,
    MAX_IN = 256,
    MAX_REC = 2048,
    MAX_OUT = 64,
    MAX_IN_SYNAPSES = 24 * 1024,
    MAX_REC_SYNAPSES = 32 * 1024,
    MAX_READOUT = 4 * 1024,
    N_FRAMES = 10, /* ping-pong buffer: 5 + 5 time steps (paper) */
    N_OTHERS = 11, /* PEs that send partial outputs to PE 0: the paper's 12 less itself */
};

/* EpropParameters() at 100 time steps, rounded to float32: program_constants.py. */
#define ALPHA 0.818730772f
#define RHO 0.993355513f
#define KAPPA 0.904837430f
#define BETA 0.184f
#define V_TH 1.6f
#define G_IN 0.181269243f
#define G_A 0.0066444939f
#define PSI_CENTRE 0.458783627f
#define PSI_SIDE 0.00997355673f
#define PSI_CENTRE_RATE 2.0f
#define PSI_SIDE_RATE 0.0555555560f
#define PSI_OFFSET 0.5f
#define PER_TIMESTEP 0.01f
#define TWO_L2 1e-6f
#define BETA1 0.9f
#define BETA2 0.999f
#define ONE_LESS_BETA1 0.1f
#define ONE_LESS_BETA2 0.001f
#define EPSILON 1e-5f
#define EXP_LOWEST -87.0f
#define LOG2_E 1.44269502f
#define LN2_HIGH 0.693145752f
#define LN2_LOW 1.42860677e-6f
#define ROUND 12582912.0f

/* Own neurons L, inputs I, recurrent neurons R, outputs O; the first own neuron of the network. */
extern uint32_t n_own, n_in, n_rec, n_out, first;

/* Input: the ping-pong buffer that the host fills, the frame to read next, its copy. */
extern float frames[N_FRAMES * MAX_IN], x[MAX_IN];
extern uint32_t frame;

/* Neurons: z and z_before are 0 or 1, of all recurrent neurons. */
extern float current[MAX_OWN], v[MAX_OWN], a[MAX_OWN], psi[MAX_OWN];
extern float z[MAX_REC], z_before[MAX_REC];

/* Spikes: the list of those in z_before (of the fused style), and what Comms and the
 * synchronisation flags are on the chip: a transmit register, a FIFO of keys, two counters. */
extern uint32_t spikes[MAX_REC], n_spikes;
extern volatile uint32_t comms_send, comms_keys[MAX_REC], comms_n_keys;
extern volatile uint32_t sync_raised, sync_arrived, sync_expected;

/* Synapses: sums over time of e_bar gather in dw; m_ and v_ are Adam's means. eps_v has a row for
 * each own neuron in the matrix style; in the others eps_v_in is one row; fused, eps_v_rec too. */
extern float w_in[MAX_IN_SYNAPSES], dw_in[MAX_IN_SYNAPSES];
extern float m_in[MAX_IN_SYNAPSES], v_in[MAX_IN_SYNAPSES];
extern float eps_v_in[MAX_IN_SYNAPSES], eps_a_in[MAX_IN_SYNAPSES], e_bar_in[MAX_IN_SYNAPSES];
extern float w_rec[MAX_REC_SYNAPSES], dw_rec[MAX_REC_SYNAPSES];
extern float m_rec[MAX_REC_SYNAPSES], v_rec[MAX_REC_SYNAPSES];
extern float eps_v_rec[MAX_REC_SYNAPSES], eps_a_rec[MAX_REC_SYNAPSES], e_bar_rec[MAX_REC_SYNAPSES];

/* Readout: y of a time step and its sum over the sample; learning. */
extern float w_out[MAX_READOUT], dw_out[MAX_READOUT], m_out[MAX_READOUT], v_out[MAX_READOUT];
extern float zbar[MAX_OWN], zbar_sum[MAX_OWN], y[MAX_OUT], y_sum[MAX_OUT];
extern float partial_outputs[N_OTHERS * MAX_OUT], error[MAX_OUT], learning_signal_own[MAX_OWN];
extern uint32_t target;
extern float rate;

/* Fills every array, the same for the same arguments; 0, or 1 if the sizes do not fit. */
int firmware_setup(uint32_t own, uint32_t in, uint32_t rec, uint32_t out, uint32_t seed);

/* exp(x) for x <= 0, as kernels.py has it: no branch, no table, no call. */
static inline float exponential(float x_)
{
    float bounded = x_ > EXP_LOWEST ? x_ : EXP_LOWEST;
    union {
        float number;
        uint32_t bits;
    } power = {bounded * LOG2_E + ROUND};
    float k = power.number - ROUND;
    float r = bounded - k * LN2_HIGH - k * LN2_LOW;
    float exp_r = 1.98412701e-4f;

    exp_r = exp_r * r + 1.38888892e-3f;
    exp_r = exp_r * r + 8.33333377e-3f;
    exp_r = exp_r * r + 4.16666679e-2f;
    exp_r = exp_r * r + 1.66666672e-1f;
    exp_r = exp_r * r + 0.5f;
    exp_r = exp_r * r + 1.0f;
    exp_r = exp_r * r + 1.0f;
    /* The lowest bits of the rounded sum hold k: with the bias they are the exponent of 2^k. */
    power.bits = (power.bits + 127) << 23;
    return exp_r * power.number;
}

#endif
