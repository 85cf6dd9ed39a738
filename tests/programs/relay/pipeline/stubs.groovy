// Runs the controller's init script with stand-ins for the three classes of Jenkins that it uses, and prints which job may
// have an agent of which labels: stubs.groovy SCRIPT JOBS LABELS…, jobs and labels each joined by commas.
import groovy.json.JsonOutput

// Their shapes as in Jenkins' own sources: QueueTaskDispatcher.canTake(Node, BuildableItem), CauseOfBlockage
// .getShortDescription(), Node.getAssignedLabels(), Queue.Task.getOwnerTask().
Map<String, String> sources = [
    'hudson/model/Node': 'package hudson.model\nclass Node { Set assignedLabels = [] }',
    'hudson/model/Queue': 'package hudson.model\nclass Queue { static class BuildableItem { Object task } }',
    'hudson/model/queue/CauseOfBlockage': 'package hudson.model.queue\nabstract class CauseOfBlockage { abstract String getShortDescription() }',
    'hudson/model/queue/QueueTaskDispatcher': '''package hudson.model.queue
        abstract class QueueTaskDispatcher {
            CauseOfBlockage canTake(hudson.model.Node node, hudson.model.Queue.BuildableItem item) { null }
        }''',
    'jenkins/model/Jenkins': '''package jenkins.model
        class Jenkins {
            static final Jenkins ONE = new Jenkins()
            final Map<Class, List> lists = [:].withDefault { [] }
            static Jenkins get() { ONE }
            List getExtensionList(Class type) { lists[type] }
        }'''
]
GroovyClassLoader loader = new GroovyClassLoader(getClass().classLoader)
sources.each { name, text -> loader.parseClass(text, "${name}.groovy") }
new GroovyShell(loader).parse(new File(args[0])).run()

def jenkins = loader.loadClass('jenkins.model.Jenkins').get()
List dispatchers = jenkins.getExtensionList(loader.loadClass('hudson.model.queue.QueueTaskDispatcher'))
assert dispatchers.size() == 1
Map answers = [:]
args[1].split(',').each { job ->
    args.drop(2).each { labels ->
        def node = loader.loadClass('hudson.model.Node').newInstance()
        node.assignedLabels = labels.split(',').collect { [name: it] } as Set
        def item = loader.loadClass('hudson.model.Queue$BuildableItem').newInstance()
        // A step of a pipeline is a task of its own, which belongs to the job.
        item.task = [ownerTask: [fullName: job]]
        answers["${job} on ${labels}".toString()] = dispatchers[0].canTake(node, item)?.shortDescription
    }
}
println JsonOutput.toJson(answers)
