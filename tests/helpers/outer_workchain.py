"""A work chain that embeds the SlabRelaxWorkChain; here so that the daemon can import it."""

from aiida.engine import WorkChain
from aiida.orm import StructureData

from aiida_slabrelax.workflows import SlabRelaxWorkChain


class OuterWorkChain(WorkChain):
    """Relax the slabs of a crystal that is known only to the outer work chain."""

    @classmethod
    def define(cls, spec):
        super().define(spec)
        spec.expose_inputs(SlabRelaxWorkChain, namespace='relax', exclude=('bulk_structure',))
        spec.input('crystal', valid_type=StructureData)
        spec.outline(cls.run_relax, cls.results)
        spec.expose_outputs(SlabRelaxWorkChain, namespace='relax')

    def run_relax(self):
        inputs = self.exposed_inputs(SlabRelaxWorkChain, namespace='relax')
        inputs['bulk_structure'] = self.inputs.crystal
        inputs['metadata'] = {'call_link_label': 'relax'}
        return self.to_context(relax=self.submit(SlabRelaxWorkChain, **inputs))

    def results(self):
        self.out_many(self.exposed_outputs(self.ctx.relax, SlabRelaxWorkChain, namespace='relax'))
